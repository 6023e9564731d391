-- The record on SQLite 3.37 or newer: who did what, when, on which version; and what of it may be erased.
--
-- Days are day numbers, instants microseconds since 1970 UTC. details is JSON with its keys in order;
-- personal is JSON too: the name of each personal value and its salted digest. The triggers that
-- refuse UPDATE, DELETE and INSERT OR REPLACE are written by westlake.database.sqlite.append_only and run
-- after this file.

CREATE TABLE IF NOT EXISTS act (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    day INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    version TEXT NOT NULL,
    details TEXT NOT NULL,
    personal TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    CHECK (actor <> '' AND act <> '' AND subject <> '')
) STRICT;

CREATE INDEX IF NOT EXISTS act_by_subject ON act (subject);
CREATE INDEX IF NOT EXISTS act_by_act ON act (act, id);

CREATE TRIGGER IF NOT EXISTS act_follows BEFORE INSERT ON act
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM act)
  OR NEW.previous IS NOT coalesce((SELECT hash FROM act WHERE id = NEW.id - 1), printf('%064d', 0))
  OR NEW.at < (SELECT at FROM act WHERE id = NEW.id - 1)
BEGIN SELECT RAISE(ABORT, 'the act does not follow the last one'); END;

-- The only rows that may go: a person's own data. Salt and value go together, so the digest that stays
-- in the chain can no longer be guessed at. None changes, and none comes after its act.
CREATE TABLE IF NOT EXISTS act_personal (
    act INTEGER NOT NULL REFERENCES act (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    salt TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (act, name)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS act_personal_sealed BEFORE INSERT ON act_personal
WHEN NEW.act IS NOT (SELECT coalesce(max(id), 0) + 1 FROM act)
  OR EXISTS (SELECT 1 FROM act_personal WHERE act = NEW.act AND name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'the act is sealed'); END;

CREATE TRIGGER IF NOT EXISTS act_personal_no_update BEFORE UPDATE ON act_personal
BEGIN SELECT RAISE(ABORT, 'personal data is erased, never changed'); END;
