-- The record on PostgreSQL 14 or newer; it says what sqlite.sql says. Runs as the owner, in the schema
-- westlake; every statement may run twice. The triggers that refuse UPDATE, DELETE and TRUNCATE on `act`
-- are written by westlake.database.postgresql.append_only and run after this file.

CREATE TABLE IF NOT EXISTS act (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    day BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    act TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    details TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C" NOT NULL,
    previous TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64),
    CONSTRAINT "actor <> '' AND act <> '' AND subject <> ''" CHECK (actor <> '' AND act <> '' AND subject <> '')
);

CREATE INDEX IF NOT EXISTS act_by_subject ON act (subject);
CREATE INDEX IF NOT EXISTS act_by_act ON act (act, id);

CREATE OR REPLACE FUNCTION act_may() RETURNS trigger LANGUAGE plpgsql SET search_path = westlake, pg_temp AS $$
DECLARE last act;
BEGIN
    SELECT * INTO last FROM act ORDER BY id DESC LIMIT 1;
    IF NEW.id IS DISTINCT FROM coalesce(last.id, 0) + 1
       OR NEW.previous IS DISTINCT FROM coalesce(last.hash, repeat('0', 64))
       OR NEW.at < last.at THEN
        RAISE EXCEPTION 'the act does not follow the last one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER act_may BEFORE INSERT ON act
FOR EACH ROW EXECUTE FUNCTION act_may();

-- The only rows that may go: a person's own data. Salt and value go together, so the digest that stays
-- in the chain can no longer be guessed at. None changes, and none comes after its act.
CREATE TABLE IF NOT EXISTS act_personal (
    act BIGINT NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT COLLATE "C" NOT NULL,
    salt TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (act, name)
);

CREATE OR REPLACE FUNCTION act_personal_sealed() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF NEW.act IS DISTINCT FROM (SELECT coalesce(max(id), 0) + 1 FROM act)
       OR EXISTS (SELECT 1 FROM act_personal WHERE act = NEW.act AND name = NEW.name) THEN
        RAISE EXCEPTION 'the act is sealed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER act_personal_sealed BEFORE INSERT ON act_personal
FOR EACH ROW EXECUTE FUNCTION act_personal_sealed();

CREATE OR REPLACE FUNCTION act_personal_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = westlake, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'personal data is erased, never changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE OR REPLACE TRIGGER act_personal_stays BEFORE UPDATE ON act_personal
FOR EACH ROW EXECUTE FUNCTION act_personal_stays();
CREATE OR REPLACE TRIGGER act_personal_stays_whole BEFORE TRUNCATE ON act_personal
FOR EACH STATEMENT EXECUTE FUNCTION act_personal_stays();
GRANT SELECT, INSERT, DELETE ON act_personal TO westlake_app;

