-- Settlement: every round of a programme's year, its cases and lines, and who took each step. Append-only.
CREATE TABLE IF NOT EXISTS programme_version(
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, regime TEXT NOT NULL, files TEXT NOT NULL
) STRICT;
-- Every budget that was ever opened, by a round or by the desk, and the version that opened it.
CREATE TABLE IF NOT EXISTS settlement_budget(
    programme TEXT NOT NULL, year INTEGER NOT NULL, currency TEXT NOT NULL, digest TEXT NOT NULL REFERENCES programme_version(digest),
    PRIMARY KEY (programme, year, currency)
) STRICT;

CREATE TABLE IF NOT EXISTS settlement_round(
    id INTEGER PRIMARY KEY, programme TEXT NOT NULL, year INTEGER NOT NULL, number INTEGER NOT NULL,
    day INTEGER NOT NULL, regime TEXT NOT NULL, digest TEXT NOT NULL REFERENCES programme_version(digest),
    data_digest TEXT NOT NULL, way TEXT NOT NULL, seed TEXT NOT NULL, currency TEXT NOT NULL,
    budget INTEGER NOT NULL, available INTEGER NOT NULL, evidence TEXT NOT NULL,
    UNIQUE (programme, year, number)
) STRICT;
-- decided → approved, or decided → withdrawn; nobody decides and approves the same round.
CREATE TABLE IF NOT EXISTS settlement_step(
    round INTEGER NOT NULL REFERENCES settlement_round(id), step TEXT NOT NULL CHECK (step IN ('decided', 'approved', 'withdrawn')),
    actor TEXT NOT NULL, person TEXT NOT NULL CHECK (person <> ''), -- person: the actor's name however it is typed
    day INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (round, step)
) STRICT;
CREATE TABLE IF NOT EXISTS settlement_case(
    round INTEGER NOT NULL REFERENCES settlement_round(id), firm TEXT NOT NULL,
    entitlement INTEGER NOT NULL, allotted INTEGER NOT NULL, rank INTEGER NOT NULL, draw TEXT NOT NULL, score INTEGER,
    outcome TEXT NOT NULL CHECK (outcome IN ('allotted', 'cut', 'unfunded', 'refused', 'unchanged', 'recovery')),
    PRIMARY KEY (round, firm),
    CHECK (allotted <= max(entitlement, 0) OR outcome = 'recovery'), CHECK (outcome <> 'recovery' OR allotted = entitlement)
) STRICT;
-- A case is paid once: the row here and its journal commit together.
CREATE TABLE IF NOT EXISTS settlement_payment(
    round INTEGER NOT NULL, firm TEXT NOT NULL, journal INTEGER NOT NULL UNIQUE, amount INTEGER NOT NULL, day INTEGER NOT NULL,
    PRIMARY KEY (round, firm), FOREIGN KEY (round, firm) REFERENCES settlement_case(round, firm)
) STRICT;
-- A held case that goes back to be decided again (a fact changed while it waited, or the round was withdrawn).
CREATE TABLE IF NOT EXISTS settlement_return(
    round INTEGER NOT NULL, firm TEXT NOT NULL, journal INTEGER UNIQUE, reason TEXT NOT NULL, day INTEGER NOT NULL,
    PRIMARY KEY (round, firm), FOREIGN KEY (round, firm) REFERENCES settlement_case(round, firm)
) STRICT;
CREATE TABLE IF NOT EXISTS settlement_line(
    round INTEGER NOT NULL, firm TEXT NOT NULL, line TEXT NOT NULL, place INTEGER NOT NULL, day INTEGER NOT NULL,
    inputs TEXT NOT NULL, reason TEXT NOT NULL,
    claim INTEGER NOT NULL, change INTEGER NOT NULL, entitlement INTEGER NOT NULL, allotted INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (round, line), FOREIGN KEY (round, firm) REFERENCES settlement_case(round, firm)
) STRICT;
-- What counts: cases of rounds that were not withdrawn, less those sent back to be decided again.
CREATE VIEW IF NOT EXISTS settlement_standing AS
    SELECT c.* FROM settlement_case c
    WHERE NOT EXISTS (SELECT 1 FROM settlement_return t WHERE t.round = c.round AND t.firm = c.firm)
      AND NOT EXISTS (SELECT 1 FROM settlement_step s WHERE s.round = c.round AND s.step = 'withdrawn');
CREATE INDEX IF NOT EXISTS settlement_line_by_line ON settlement_line(line);
CREATE TRIGGER IF NOT EXISTS settlement_two_persons BEFORE INSERT ON settlement_step
    WHEN NEW.step = 'approved' AND EXISTS (SELECT 1 FROM settlement_step s WHERE s.round = NEW.round AND s.person = NEW.person)
    BEGIN SELECT RAISE(ABORT, 'two persons'); END;
CREATE TRIGGER IF NOT EXISTS settlement_order_of_steps BEFORE INSERT ON settlement_step
    WHEN NEW.step <> 'decided' AND (NOT EXISTS (SELECT 1 FROM settlement_step s WHERE s.round = NEW.round AND s.step = 'decided')
         OR EXISTS (SELECT 1 FROM settlement_step s WHERE s.round = NEW.round AND s.step IN ('approved', 'withdrawn')))
    BEGIN SELECT RAISE(ABORT, 'order of steps'); END;
CREATE TRIGGER IF NOT EXISTS settlement_paid_or_returned BEFORE INSERT ON settlement_payment
    WHEN EXISTS (SELECT 1 FROM settlement_return r WHERE r.round = NEW.round AND r.firm = NEW.firm)
    BEGIN SELECT RAISE(ABORT, 'returned'); END;
CREATE TRIGGER IF NOT EXISTS settlement_returned_or_paid BEFORE INSERT ON settlement_return
    WHEN EXISTS (SELECT 1 FROM settlement_payment p WHERE p.round = NEW.round AND p.firm = NEW.firm)
    BEGIN SELECT RAISE(ABORT, 'paid'); END;
-- INSERT OR REPLACE takes away the row in its way, by any of its keys; append_only knows the first one.
CREATE TRIGGER IF NOT EXISTS settlement_round_one_turn BEFORE INSERT ON settlement_round
    WHEN EXISTS (SELECT 1 FROM settlement_round r WHERE r.programme = NEW.programme AND r.year = NEW.year AND r.number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'settlement_round is append-only'); END;
CREATE TRIGGER IF NOT EXISTS settlement_payment_one_journal BEFORE INSERT ON settlement_payment
    WHEN EXISTS (SELECT 1 FROM settlement_payment p WHERE p.journal = NEW.journal)
    BEGIN SELECT RAISE(ABORT, 'settlement_payment is append-only'); END;
CREATE TRIGGER IF NOT EXISTS settlement_return_one_journal BEFORE INSERT ON settlement_return
    WHEN EXISTS (SELECT 1 FROM settlement_return r WHERE r.journal = NEW.journal)
    BEGIN SELECT RAISE(ABORT, 'settlement_return is append-only'); END;
