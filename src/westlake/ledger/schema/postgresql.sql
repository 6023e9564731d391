-- The books on PostgreSQL 14 or newer: what is written, and what guards it. It says what sqlite.sql says.
--
-- Runs as the owner, in the schema westlake; every statement may run twice. Texts sort by their bytes
-- (COLLATE "C"), as they do in a file. The triggers that refuse UPDATE, DELETE and TRUNCATE on the
-- append-only tables, and the rights to read and add to them, are written by
-- westlake.database.postgresql.append_only and run after this file.
--
-- Functions that run for every row look things up by index only (enable_seqscan = off): a session keeps the
-- plans that it made when the tables were still empty.
--
-- The role westlake_app may read every table and add to all but `balance`, whose rows only the
-- functions below change: they run as the owner, for the tables of the books alone, and nobody else may
-- hang them on a table.

-- 1. Accounts ---------------------------------------------------------------------------------
-- rule credit: debits + held_debits <= credits (a budget cannot be overspent; holds count);
-- rule debit: its mirror; rule free: no bound.

CREATE TABLE IF NOT EXISTS account (
    id BIGINT PRIMARY KEY DEFAULT next_id('account'),
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    currency TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL CONSTRAINT rule_known CHECK (rule IN ('free', 'credit', 'debit'))
);

-- The only table whose rows change: the sums of all transfers so far, kept by enter_transfer.
CREATE TABLE IF NOT EXISTS balance (
    account BIGINT PRIMARY KEY REFERENCES account (id),
    rule TEXT COLLATE "C" NOT NULL,
    debits BIGINT NOT NULL DEFAULT 0,
    credits BIGINT NOT NULL DEFAULT 0,
    held_debits BIGINT NOT NULL DEFAULT 0,
    held_credits BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "release beyond hold" CHECK (held_debits >= 0 AND held_credits >= 0),
    CONSTRAINT sums_grow CHECK (debits >= 0 AND credits >= 0),
    CONSTRAINT overdraft CHECK ((rule <> 'credit' OR debits + held_debits <= credits)
                                AND (rule <> 'debit' OR credits + held_credits <= debits))
) WITH (fillfactor = 50);

CREATE OR REPLACE FUNCTION account_opens() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = westlake, pg_temp AS $$
BEGIN
    IF TG_RELID <> 'westlake.account'::regclass THEN RAISE EXCEPTION 'not a table of the books'; END IF;
    INSERT INTO balance (account, rule) VALUES (NEW.id, NEW.rule);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER account_opens AFTER INSERT ON account
FOR EACH ROW EXECUTE FUNCTION account_opens();

CREATE OR REPLACE FUNCTION balance_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = westlake, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a balance stays with its account' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE OR REPLACE TRIGGER balance_stays BEFORE DELETE OR UPDATE OF account, rule ON balance
FOR EACH ROW EXECUTE FUNCTION balance_stays();
CREATE OR REPLACE TRIGGER balance_stays_whole BEFORE TRUNCATE ON balance
FOR EACH STATEMENT EXECUTE FUNCTION balance_stays();
GRANT SELECT ON balance TO westlake_app;

-- 2. Periods ----------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS period (
    id BIGINT PRIMARY KEY DEFAULT next_id('period'),
    first_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    CONSTRAINT "first_day <= last_day" CHECK (first_day <= last_day)
);

-- One row closes a period for good. journal and hash: the head of the chain at that instant;
-- later: the first journal whose day lies after the period, so that a balance at a later day reads
-- no row before it; balances: SHA-256 of every account's balance at the period's end.
CREATE TABLE IF NOT EXISTS closing (
    period BIGINT PRIMARY KEY REFERENCES period (id),
    recorded_at BIGINT NOT NULL,
    journal BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    later BIGINT NOT NULL,
    balances TEXT COLLATE "C" NOT NULL
);

CREATE TABLE IF NOT EXISTS closing_balance (
    period BIGINT NOT NULL REFERENCES closing (period) DEFERRABLE INITIALLY DEFERRED,
    account BIGINT NOT NULL REFERENCES account (id),
    debits BIGINT NOT NULL,
    credits BIGINT NOT NULL,
    held_debits BIGINT NOT NULL,
    held_credits BIGINT NOT NULL,
    PRIMARY KEY (period, account)
);

CREATE OR REPLACE FUNCTION period_opens() RETURNS trigger LANGUAGE plpgsql SET search_path = westlake, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM period WHERE first_day <= NEW.last_day AND last_day >= NEW.first_day) THEN
        RAISE EXCEPTION 'periods overlap' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM closing JOIN period ON id = period WHERE last_day >= NEW.first_day) THEN
        RAISE EXCEPTION 'a closed period lies after this one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER period_opens BEFORE INSERT ON period
FOR EACH ROW EXECUTE FUNCTION period_opens();

CREATE OR REPLACE FUNCTION closing_in_order() RETURNS trigger LANGUAGE plpgsql SET search_path = westlake, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM period AS earlier
               JOIN period AS this ON this.id = NEW.period AND earlier.last_day < this.first_day
               WHERE NOT EXISTS (SELECT 1 FROM closing WHERE closing.period = earlier.id)) THEN
        RAISE EXCEPTION 'an earlier period is still open' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER closing_in_order BEFORE INSERT ON closing
FOR EACH ROW EXECUTE FUNCTION closing_in_order();

CREATE OR REPLACE FUNCTION closing_sealed() RETURNS trigger LANGUAGE plpgsql SET search_path = westlake, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM closing WHERE period = NEW.period) THEN
        RAISE EXCEPTION 'the period is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER closing_sealed BEFORE INSERT ON closing_balance
FOR EACH ROW EXECUTE FUNCTION closing_sealed();

-- 3. Journals and their transfers -------------------------------------------------------------
-- A transfer has one debit, one credit and one amount, so it cannot be unbalanced. The transfers of
-- a journal are written first, then the journal, whose row seals them: none can be added later.

CREATE TABLE IF NOT EXISTS journal (
    id BIGINT PRIMARY KEY,
    idem TEXT COLLATE "C" NOT NULL UNIQUE,
    day BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    memo TEXT COLLATE "C" NOT NULL,
    reverses BIGINT UNIQUE REFERENCES journal (id),
    relates_to BIGINT REFERENCES journal (id),
    fingerprint TEXT COLLATE "C" NOT NULL CHECK (length(fingerprint) = 64),
    previous TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64),
    CONSTRAINT "reverses < id AND relates_to < id" CHECK (reverses < id AND relates_to < id)
);

CREATE INDEX IF NOT EXISTS journal_by_day ON journal (day);

CREATE TABLE IF NOT EXISTS transfer (
    journal BIGINT NOT NULL REFERENCES journal (id) DEFERRABLE INITIALLY DEFERRED,
    seq BIGINT NOT NULL,
    debit BIGINT NOT NULL REFERENCES account (id),
    credit BIGINT NOT NULL REFERENCES account (id),
    amount BIGINT NOT NULL CONSTRAINT amount_in_range CHECK (amount BETWEEN 1 AND 1000000000000000),
    phase TEXT COLLATE "C" NOT NULL CONSTRAINT phase_known CHECK (phase IN ('post', 'hold', 'release')),
    PRIMARY KEY (journal, seq),
    CONSTRAINT two_accounts CHECK (debit <> credit)
);

CREATE INDEX IF NOT EXISTS transfer_by_debit ON transfer (debit, journal);
CREATE INDEX IF NOT EXISTS transfer_by_credit ON transfer (credit, journal);

CREATE OR REPLACE FUNCTION transfer_may() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF NEW.journal IS DISTINCT FROM (SELECT coalesce(max(id), 0) + 1 FROM journal)
       OR NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM transfer WHERE journal = NEW.journal) THEN
        RAISE EXCEPTION 'the journal is sealed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM account AS d JOIN account AS c ON c.currency = d.currency
                   WHERE d.id = NEW.debit AND c.id = NEW.credit) THEN
        RAISE EXCEPTION 'the currencies differ' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER transfer_may BEFORE INSERT ON transfer
FOR EACH ROW EXECUTE FUNCTION transfer_may();

CREATE OR REPLACE FUNCTION transfer_counts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF TG_RELID <> 'westlake.transfer'::regclass THEN RAISE EXCEPTION 'not a table of the books'; END IF;
    IF NEW.phase = 'post' THEN
        UPDATE balance SET debits = debits + NEW.amount WHERE account = NEW.debit;
        UPDATE balance SET credits = credits + NEW.amount WHERE account = NEW.credit;
    ELSIF NEW.phase = 'hold' THEN
        UPDATE balance SET held_debits = held_debits + NEW.amount WHERE account = NEW.debit;
        UPDATE balance SET held_credits = held_credits + NEW.amount WHERE account = NEW.credit;
    ELSE
        UPDATE balance SET held_debits = held_debits - NEW.amount WHERE account = NEW.debit;
        UPDATE balance SET held_credits = held_credits - NEW.amount WHERE account = NEW.credit;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER transfer_counts AFTER INSERT ON transfer
FOR EACH ROW EXECUTE FUNCTION transfer_counts();

CREATE OR REPLACE FUNCTION journal_may() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
DECLARE last journal;
BEGIN
    SELECT * INTO last FROM journal ORDER BY id DESC LIMIT 1;
    IF NEW.id IS DISTINCT FROM coalesce(last.id, 0) + 1
       OR NEW.previous IS DISTINCT FROM coalesce(last.hash, repeat('0', 64))
       OR NEW.recorded_at < last.recorded_at THEN
        RAISE EXCEPTION 'the journal does not follow the last one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM transfer WHERE journal = NEW.id) THEN
        RAISE EXCEPTION 'the journal has no transfers' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM period WHERE NEW.day BETWEEN first_day AND last_day
                   AND NOT EXISTS (SELECT 1 FROM closing WHERE closing.period = period.id)) THEN
        RAISE EXCEPTION 'no open period on this day' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER journal_may BEFORE INSERT ON journal
FOR EACH ROW EXECUTE FUNCTION journal_may();

-- Many journals in one message, in their order, each with its transfers before it; the rows are those
-- of the two tables. It runs as whoever calls it and may no more than they may.
CREATE OR REPLACE FUNCTION enter_journals(rows jsonb) RETURNS void LANGUAGE plpgsql
SET search_path = westlake, pg_temp AS $$
DECLARE entry jsonb; leg jsonb;
BEGIN
    FOR entry IN SELECT value FROM jsonb_array_elements(rows) LOOP
        FOR leg IN SELECT value FROM jsonb_array_elements(entry -> 0) LOOP
            INSERT INTO transfer VALUES ((leg ->> 0)::bigint, (leg ->> 1)::bigint, (leg ->> 2)::bigint,
                                         (leg ->> 3)::bigint, (leg ->> 4)::bigint, leg ->> 5);
        END LOOP;
        entry := entry -> 1;
        INSERT INTO journal VALUES ((entry ->> 0)::bigint, entry ->> 1, (entry ->> 2)::bigint, (entry ->> 3)::bigint,
                                    entry ->> 4, entry ->> 5, (entry ->> 6)::bigint, (entry ->> 7)::bigint,
                                    entry ->> 8, entry ->> 9, entry ->> 10);
    END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION enter_journals(jsonb) TO westlake_app;

-- 4. Anchors ----------------------------------------------------------------------------------
-- Where and when the head of the chain was made known outside this database. Only such a copy can tell
-- when everything was rewritten, as a superuser of the server can.

CREATE TABLE IF NOT EXISTS anchor (
    id BIGINT PRIMARY KEY DEFAULT next_id('anchor'),
    day BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    journal BIGINT NOT NULL REFERENCES journal (id),
    hash TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL
);

CREATE OR REPLACE FUNCTION anchor_true() RETURNS trigger LANGUAGE plpgsql SET search_path = westlake, pg_temp AS $$
BEGIN
    IF NEW.hash IS DISTINCT FROM (SELECT hash FROM journal WHERE id = NEW.journal) THEN
        RAISE EXCEPTION 'the anchor is not in the chain' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER anchor_true BEFORE INSERT ON anchor
FOR EACH ROW EXECUTE FUNCTION anchor_true();

-- 5. For readers ------------------------------------------------------------------------------
-- One line an account touched, in the words of an auditor: amounts are signed, debits positive.

CREATE OR REPLACE VIEW entry AS
SELECT journal.id AS journal, to_char(to_timestamp(journal.day * 86400) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
       to_char(to_timestamp(journal.recorded_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS recorded_at,
       journal.kind, journal.idem, account.code AS account, account.currency, side.phase, side.amount, journal.memo
FROM (SELECT journal, seq, debit AS account, phase, amount FROM transfer
      UNION ALL SELECT journal, seq, credit, phase, -amount FROM transfer) AS side
JOIN journal ON journal.id = side.journal
JOIN account ON account.id = side.account;
GRANT SELECT ON entry TO westlake_app;

