-- Settlement on PostgreSQL; it says what sqlite.sql says: every round of a programme's year, its cases
-- and lines, and who took each step. Append-only.

CREATE TABLE IF NOT EXISTS programme_version (
    digest TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    regime TEXT COLLATE "C" NOT NULL,
    files TEXT COLLATE "C" NOT NULL
);

-- Every budget that was ever opened, by a round or by the desk, and the version that opened it.
CREATE TABLE IF NOT EXISTS settlement_budget (
    programme TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL REFERENCES programme_version (digest),
    PRIMARY KEY (programme, year, currency)
);

CREATE TABLE IF NOT EXISTS settlement_round (
    id BIGINT PRIMARY KEY DEFAULT next_id('settlement_round'),
    programme TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    day BIGINT NOT NULL,
    regime TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL REFERENCES programme_version (digest),
    data_digest TEXT COLLATE "C" NOT NULL,
    way TEXT COLLATE "C" NOT NULL,
    seed TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    budget BIGINT NOT NULL,
    available BIGINT NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    UNIQUE (programme, year, number)
);

-- decided → approved, or decided → withdrawn; nobody decides and approves the same round.
CREATE TABLE IF NOT EXISTS settlement_step (
    round BIGINT NOT NULL REFERENCES settlement_round (id),
    step TEXT COLLATE "C" NOT NULL CHECK (step IN ('decided', 'approved', 'withdrawn')),
    actor TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL CHECK (person <> ''),  -- the actor's name however it is typed
    day BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (round, step)
);

CREATE TABLE IF NOT EXISTS settlement_case (
    round BIGINT NOT NULL REFERENCES settlement_round (id),
    firm TEXT COLLATE "C" NOT NULL,
    entitlement BIGINT NOT NULL,
    allotted BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    draw TEXT COLLATE "C" NOT NULL,
    score BIGINT,
    outcome TEXT COLLATE "C" NOT NULL
        CHECK (outcome IN ('allotted', 'cut', 'unfunded', 'refused', 'unchanged', 'recovery')),
    PRIMARY KEY (round, firm),
    CHECK (allotted <= greatest(entitlement, 0) OR outcome = 'recovery'),
    CHECK (outcome <> 'recovery' OR allotted = entitlement)
);

-- A case is paid once: the row here and its journal commit together.
CREATE TABLE IF NOT EXISTS settlement_payment (
    round BIGINT NOT NULL,
    firm TEXT COLLATE "C" NOT NULL,
    journal BIGINT NOT NULL UNIQUE,
    amount BIGINT NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (round, firm),
    FOREIGN KEY (round, firm) REFERENCES settlement_case (round, firm)
);

-- A held case that goes back to be decided again (a fact changed while it waited, or the round was withdrawn).
CREATE TABLE IF NOT EXISTS settlement_return (
    round BIGINT NOT NULL,
    firm TEXT COLLATE "C" NOT NULL,
    journal BIGINT UNIQUE,
    reason TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (round, firm),
    FOREIGN KEY (round, firm) REFERENCES settlement_case (round, firm)
);

CREATE TABLE IF NOT EXISTS settlement_line (
    round BIGINT NOT NULL,
    firm TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    day BIGINT NOT NULL,
    inputs TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    claim BIGINT NOT NULL,
    change BIGINT NOT NULL,
    entitlement BIGINT NOT NULL,
    allotted BIGINT NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, line),
    FOREIGN KEY (round, firm) REFERENCES settlement_case (round, firm)
);
CREATE INDEX IF NOT EXISTS settlement_line_by_line ON settlement_line (line);

-- What counts: cases of rounds that were not withdrawn, less those sent back to be decided again.
CREATE OR REPLACE VIEW settlement_standing AS
SELECT c.* FROM settlement_case c
WHERE NOT EXISTS (SELECT 1 FROM settlement_return t WHERE t.round = c.round AND t.firm = c.firm)
  AND NOT EXISTS (SELECT 1 FROM settlement_step s WHERE s.round = c.round AND s.step = 'withdrawn');
GRANT SELECT ON settlement_standing TO westlake_app;

CREATE OR REPLACE FUNCTION settlement_step_may() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp AS $$
BEGIN
    IF NEW.step <> 'decided'
       AND (NOT EXISTS (SELECT 1 FROM settlement_step s WHERE s.round = NEW.round AND s.step = 'decided')
            OR EXISTS (SELECT 1 FROM settlement_step s
                       WHERE s.round = NEW.round AND s.step IN ('approved', 'withdrawn'))) THEN
        RAISE EXCEPTION 'order of steps' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.step = 'approved' AND EXISTS (SELECT 1 FROM settlement_step s
                                         WHERE s.round = NEW.round AND s.person = NEW.person) THEN
        RAISE EXCEPTION 'two persons' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER settlement_step_may BEFORE INSERT ON settlement_step
FOR EACH ROW EXECUTE FUNCTION settlement_step_may();

CREATE OR REPLACE FUNCTION settlement_paid_or_returned() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF TG_TABLE_NAME = 'settlement_payment' THEN
        IF EXISTS (SELECT 1 FROM settlement_return r WHERE r.round = NEW.round AND r.firm = NEW.firm) THEN
            RAISE EXCEPTION 'returned' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM settlement_payment p WHERE p.round = NEW.round AND p.firm = NEW.firm) THEN
        RAISE EXCEPTION 'paid' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER settlement_paid_or_returned BEFORE INSERT ON settlement_payment
FOR EACH ROW EXECUTE FUNCTION settlement_paid_or_returned();
CREATE OR REPLACE TRIGGER settlement_returned_or_paid BEFORE INSERT ON settlement_return
FOR EACH ROW EXECUTE FUNCTION settlement_paid_or_returned();

