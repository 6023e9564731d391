-- The books on SQLite 3.37 or newer: what is written, and what guards it.
--
-- Every statement may run twice. Days are day numbers (day 0 is 1970-01-01), instants are
-- microseconds since 1970 UTC, amounts are whole minor units. The triggers that refuse UPDATE,
-- DELETE and INSERT OR REPLACE on the append-only tables are written by
-- westlake.database.sqlite.append_only and run after this file.
--
-- Each rule stands in a trigger that says RAISE(ABORT, …): under INSERT OR IGNORE or OR FAIL a
-- CHECK inside a trigger's own UPDATE is skipped in silence, an ABORT never is.

-- 1. Accounts ---------------------------------------------------------------------------------
-- rule credit: debits + held_debits <= credits (a budget cannot be overspent; holds count);
-- rule debit: its mirror; rule free: no bound.

CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    currency TEXT NOT NULL,
    rule TEXT NOT NULL CONSTRAINT rule_known CHECK (rule IN ('free', 'credit', 'debit'))
) STRICT;

-- The only table whose rows change: the sums of all transfers so far, kept by their triggers. SQLite
-- cannot tell a trigger's hand from another's; verification rebuilds the sums and compares.
CREATE TABLE IF NOT EXISTS balance (
    account INTEGER PRIMARY KEY REFERENCES account (id),
    rule TEXT NOT NULL,
    debits INTEGER NOT NULL DEFAULT 0,
    credits INTEGER NOT NULL DEFAULT 0,
    held_debits INTEGER NOT NULL DEFAULT 0,
    held_credits INTEGER NOT NULL DEFAULT 0,
    CHECK (debits >= 0 AND credits >= 0 AND held_debits >= 0 AND held_credits >= 0),
    CHECK (rule <> 'credit' OR debits + held_debits <= credits),
    CHECK (rule <> 'debit' OR credits + held_credits <= debits)
) STRICT;

CREATE TRIGGER IF NOT EXISTS account_opens AFTER INSERT ON account
BEGIN INSERT INTO balance (account, rule) VALUES (NEW.id, NEW.rule); END;

CREATE TRIGGER IF NOT EXISTS balance_stays_with_its_account BEFORE UPDATE OF account, rule ON balance
WHEN NEW.account <> OLD.account OR NEW.rule <> OLD.rule
BEGIN SELECT RAISE(ABORT, 'a balance stays with its account'); END;

CREATE TRIGGER IF NOT EXISTS balance_no_delete BEFORE DELETE ON balance
BEGIN SELECT RAISE(ABORT, 'a balance stays with its account'); END;

CREATE TRIGGER IF NOT EXISTS balance_one_for_each BEFORE INSERT ON balance
WHEN EXISTS (SELECT 1 FROM balance WHERE account = NEW.account)
BEGIN SELECT RAISE(ABORT, 'a balance stays with its account'); END;

CREATE TRIGGER IF NOT EXISTS balance_no_overdraft BEFORE UPDATE ON balance
WHEN (NEW.rule = 'credit' AND NEW.debits + NEW.held_debits > NEW.credits)
  OR (NEW.rule = 'debit' AND NEW.credits + NEW.held_credits > NEW.debits)
BEGIN SELECT RAISE(ABORT, 'overdraft'); END;

CREATE TRIGGER IF NOT EXISTS balance_no_release_beyond_hold BEFORE UPDATE OF held_debits, held_credits ON balance
WHEN NEW.held_debits < 0 OR NEW.held_credits < 0
BEGIN SELECT RAISE(ABORT, 'release beyond hold'); END;

-- 2. Periods ----------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS period (
    id INTEGER PRIMARY KEY,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    CHECK (first_day <= last_day)
) STRICT;

-- One row closes a period for good. journal and hash: the head of the chain at that instant;
-- later: the first journal whose day lies after the period, so that a balance at a later day reads
-- no row before it; balances: SHA-256 of every account's balance at the period's end.
CREATE TABLE IF NOT EXISTS closing (
    period INTEGER PRIMARY KEY REFERENCES period (id),
    recorded_at INTEGER NOT NULL,
    journal INTEGER NOT NULL,
    hash TEXT NOT NULL,
    later INTEGER NOT NULL,
    balances TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS closing_balance (
    period INTEGER NOT NULL REFERENCES closing (period) DEFERRABLE INITIALLY DEFERRED,
    account INTEGER NOT NULL REFERENCES account (id),
    debits INTEGER NOT NULL,
    credits INTEGER NOT NULL,
    held_debits INTEGER NOT NULL,
    held_credits INTEGER NOT NULL,
    PRIMARY KEY (period, account)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS period_apart BEFORE INSERT ON period
WHEN EXISTS (SELECT 1 FROM period WHERE first_day <= NEW.last_day AND last_day >= NEW.first_day)
BEGIN SELECT RAISE(ABORT, 'periods overlap'); END;

CREATE TRIGGER IF NOT EXISTS period_after_closed BEFORE INSERT ON period
WHEN EXISTS (SELECT 1 FROM closing JOIN period ON id = period WHERE last_day >= NEW.first_day)
BEGIN SELECT RAISE(ABORT, 'a closed period lies after this one'); END;

CREATE TRIGGER IF NOT EXISTS closing_in_order BEFORE INSERT ON closing
WHEN EXISTS (SELECT 1 FROM period AS earlier
             JOIN period AS this ON this.id = NEW.period AND earlier.last_day < this.first_day
             WHERE NOT EXISTS (SELECT 1 FROM closing WHERE closing.period = earlier.id))
BEGIN SELECT RAISE(ABORT, 'an earlier period is still open'); END;

CREATE TRIGGER IF NOT EXISTS closing_balance_sealed BEFORE INSERT ON closing_balance
WHEN EXISTS (SELECT 1 FROM closing WHERE period = NEW.period)
BEGIN SELECT RAISE(ABORT, 'the period is closed'); END;

-- 3. Journals and their transfers -------------------------------------------------------------
-- A transfer has one debit, one credit and one amount, so it cannot be unbalanced. The transfers of
-- a journal are written first, then the journal, whose row seals them: none can be added later.

CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY,
    idem TEXT NOT NULL UNIQUE,
    day INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    memo TEXT NOT NULL,
    reverses INTEGER UNIQUE REFERENCES journal (id),
    relates_to INTEGER REFERENCES journal (id),
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
    previous TEXT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    CHECK (reverses < id AND relates_to < id)
) STRICT;

CREATE INDEX IF NOT EXISTS journal_by_day ON journal (day);

CREATE TABLE IF NOT EXISTS transfer (
    journal INTEGER NOT NULL REFERENCES journal (id) DEFERRABLE INITIALLY DEFERRED,
    seq INTEGER NOT NULL,
    debit INTEGER NOT NULL REFERENCES account (id),
    credit INTEGER NOT NULL REFERENCES account (id),
    amount INTEGER NOT NULL CONSTRAINT amount_in_range CHECK (amount BETWEEN 1 AND 1000000000000000),
    phase TEXT NOT NULL CONSTRAINT phase_known CHECK (phase IN ('post', 'hold', 'release')),
    PRIMARY KEY (journal, seq),
    CONSTRAINT two_accounts CHECK (debit <> credit)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS transfer_by_debit ON transfer (debit, journal);
CREATE INDEX IF NOT EXISTS transfer_by_credit ON transfer (credit, journal);

CREATE TRIGGER IF NOT EXISTS transfer_sealed BEFORE INSERT ON transfer
WHEN NEW.journal IS NOT (SELECT coalesce(max(id), 0) + 1 FROM journal)
  OR NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM transfer WHERE journal = NEW.journal)
BEGIN SELECT RAISE(ABORT, 'the journal is sealed'); END;

CREATE TRIGGER IF NOT EXISTS transfer_one_currency BEFORE INSERT ON transfer
WHEN NOT EXISTS (SELECT 1 FROM account AS d JOIN account AS c ON c.currency = d.currency
                 WHERE d.id = NEW.debit AND c.id = NEW.credit)
BEGIN SELECT RAISE(ABORT, 'the currencies differ'); END;

CREATE TRIGGER IF NOT EXISTS transfer_posts AFTER INSERT ON transfer WHEN NEW.phase = 'post'
BEGIN
    UPDATE balance SET debits = debits + NEW.amount WHERE account = NEW.debit;
    UPDATE balance SET credits = credits + NEW.amount WHERE account = NEW.credit;
END;

CREATE TRIGGER IF NOT EXISTS transfer_holds AFTER INSERT ON transfer WHEN NEW.phase = 'hold'
BEGIN
    UPDATE balance SET held_debits = held_debits + NEW.amount WHERE account = NEW.debit;
    UPDATE balance SET held_credits = held_credits + NEW.amount WHERE account = NEW.credit;
END;

CREATE TRIGGER IF NOT EXISTS transfer_releases AFTER INSERT ON transfer WHEN NEW.phase = 'release'
BEGIN
    UPDATE balance SET held_debits = held_debits - NEW.amount WHERE account = NEW.debit;
    UPDATE balance SET held_credits = held_credits - NEW.amount WHERE account = NEW.credit;
END;

CREATE TRIGGER IF NOT EXISTS journal_follows BEFORE INSERT ON journal
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM journal)
  OR NEW.previous IS NOT coalesce((SELECT hash FROM journal WHERE id = NEW.id - 1), printf('%064d', 0))
  OR NEW.recorded_at < (SELECT recorded_at FROM journal WHERE id = NEW.id - 1)
BEGIN SELECT RAISE(ABORT, 'the journal does not follow the last one'); END;

CREATE TRIGGER IF NOT EXISTS journal_moves_money BEFORE INSERT ON journal
WHEN NOT EXISTS (SELECT 1 FROM transfer WHERE journal = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the journal has no transfers'); END;

CREATE TRIGGER IF NOT EXISTS journal_in_open_period BEFORE INSERT ON journal
WHEN NOT EXISTS (SELECT 1 FROM period WHERE NEW.day BETWEEN first_day AND last_day
                 AND NOT EXISTS (SELECT 1 FROM closing WHERE closing.period = period.id))
BEGIN SELECT RAISE(ABORT, 'no open period on this day'); END;

-- 4. Anchors ----------------------------------------------------------------------------------
-- Where and when the head of the chain was made known outside this file. Only such a copy can tell
-- when the whole file was rewritten.

CREATE TABLE IF NOT EXISTS anchor (
    id INTEGER PRIMARY KEY,
    day INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    journal INTEGER NOT NULL REFERENCES journal (id),
    hash TEXT NOT NULL,
    place TEXT NOT NULL
) STRICT;

CREATE TRIGGER IF NOT EXISTS anchor_true BEFORE INSERT ON anchor
WHEN NEW.hash IS NOT (SELECT hash FROM journal WHERE id = NEW.journal)
BEGIN SELECT RAISE(ABORT, 'the anchor is not in the chain'); END;

-- 5. For readers ------------------------------------------------------------------------------
-- One line an account touched, in the words of an auditor: amounts are signed, debits positive.

CREATE VIEW IF NOT EXISTS entry AS
SELECT journal.id AS journal, date(journal.day * 86400, 'unixepoch') AS day,
       datetime(journal.recorded_at / 1000000, 'unixepoch') AS recorded_at, journal.kind, journal.idem,
       account.code AS account, account.currency, side.phase, side.amount, journal.memo
FROM (SELECT journal, seq, debit AS account, phase, amount FROM transfer
      UNION ALL SELECT journal, seq, credit, phase, -amount FROM transfer) AS side
JOIN journal ON journal.id = side.journal
JOIN account ON account.id = side.account;
