-- The register: append-only facts about firms and people. A correction is a new row with the same first day.
CREATE TABLE IF NOT EXISTS register_file(
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, name TEXT NOT NULL, rows INTEGER NOT NULL, actor TEXT NOT NULL, learnt INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS register_fact(
    id INTEGER PRIMARY KEY, subject TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL CHECK (first <= last),
    assurance TEXT NOT NULL CHECK (assurance IN ('declared', 'verified', 'audited')),
    source TEXT NOT NULL, learnt INTEGER NOT NULL, file TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS register_fact_by_subject ON register_fact(subject, name, first);
CREATE INDEX IF NOT EXISTS register_fact_by_name ON register_fact(name, subject);
CREATE TABLE IF NOT EXISTS register_account(
    id INTEGER PRIMARY KEY, issuer TEXT NOT NULL, account TEXT NOT NULL, firm TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL CHECK (first <= last),
    assurance TEXT NOT NULL CHECK (assurance IN ('declared', 'verified', 'audited')),
    source TEXT NOT NULL, learnt INTEGER NOT NULL, file TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS register_account_by_account ON register_account(issuer, account);
CREATE TABLE IF NOT EXISTS register_related(
    id INTEGER PRIMARY KEY, firm TEXT NOT NULL, party TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL CHECK (first <= last),
    assurance TEXT NOT NULL CHECK (assurance IN ('declared', 'verified', 'audited')),
    source TEXT NOT NULL, learnt INTEGER NOT NULL, file TEXT NOT NULL
) STRICT;
-- One account has one owner on a day, whatever way a row comes in. A later row may shorten an
-- open-ended earlier one only by being entered as a row of the same firm; two firms never overlap.
CREATE TRIGGER IF NOT EXISTS register_account_one_owner BEFORE INSERT ON register_account
    WHEN EXISTS (SELECT 1 FROM register_account held WHERE held.issuer = NEW.issuer AND held.account = NEW.account
                 AND held.firm <> NEW.firm AND held.first <= NEW.last AND NEW.first <= held.last
                 AND held.id = (SELECT max(id) FROM register_account same WHERE same.issuer = held.issuer
                                AND same.account = held.account AND same.firm = held.firm AND same.first = held.first))
    BEGIN SELECT RAISE(ABORT, 'account has an owner'); END;
