-- The register on PostgreSQL; it says what sqlite.sql says: append-only facts about firms and people.

CREATE TABLE IF NOT EXISTS register_file (
    id BIGINT PRIMARY KEY DEFAULT next_id('register_file'),
    sha256 TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    rows BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    learnt BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS register_fact (
    id BIGINT PRIMARY KEY DEFAULT next_id('register_fact'),
    subject TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    assurance TEXT COLLATE "C" NOT NULL CHECK (assurance IN ('declared', 'verified', 'audited')),
    source TEXT COLLATE "C" NOT NULL,
    learnt BIGINT NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "first <= last" CHECK (first <= last)
);
CREATE INDEX IF NOT EXISTS register_fact_by_subject ON register_fact (subject, name, first);
CREATE INDEX IF NOT EXISTS register_fact_by_name ON register_fact (name, subject);

CREATE TABLE IF NOT EXISTS register_account (
    id BIGINT PRIMARY KEY DEFAULT next_id('register_account'),
    issuer TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    firm TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    assurance TEXT COLLATE "C" NOT NULL CHECK (assurance IN ('declared', 'verified', 'audited')),
    source TEXT COLLATE "C" NOT NULL,
    learnt BIGINT NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "first <= last" CHECK (first <= last)
);
CREATE INDEX IF NOT EXISTS register_account_by_account ON register_account (issuer, account);

CREATE TABLE IF NOT EXISTS register_related (
    id BIGINT PRIMARY KEY DEFAULT next_id('register_related'),
    firm TEXT COLLATE "C" NOT NULL,
    party TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    assurance TEXT COLLATE "C" NOT NULL CHECK (assurance IN ('declared', 'verified', 'audited')),
    source TEXT COLLATE "C" NOT NULL,
    learnt BIGINT NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "first <= last" CHECK (first <= last)
);

-- One account has one owner on a day, whatever way a row comes in. A later row may shorten an
-- open-ended earlier one only by being entered as a row of the same firm; two firms never overlap.
CREATE OR REPLACE FUNCTION register_account_one_owner() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM register_account held WHERE held.issuer = NEW.issuer AND held.account = NEW.account
               AND held.firm <> NEW.firm AND held.first <= NEW.last AND NEW.first <= held.last
               AND held.id = (SELECT max(id) FROM register_account same WHERE same.issuer = held.issuer
                              AND same.account = held.account AND same.firm = held.firm
                              AND same.first = held.first)) THEN
        RAISE EXCEPTION 'account has an owner' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER register_account_one_owner BEFORE INSERT ON register_account
FOR EACH ROW EXECUTE FUNCTION register_account_one_owner();

