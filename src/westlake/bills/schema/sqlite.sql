-- What the bills room keeps in the database. A delivery's row is the commit point: its Parquet files (charges,
-- bills, kinds, and what its manifest tells of its invoices) count from the moment that this row stands.
-- Nothing is ever edited.
CREATE TABLE IF NOT EXISTS bills_delivery(
    id INTEGER PRIMARY KEY,                 -- the order of receipt
    file_sha TEXT NOT NULL, manifest_sha TEXT NOT NULL, uploader TEXT NOT NULL,
    name TEXT NOT NULL, bytes INTEGER NOT NULL, received_day INTEGER NOT NULL,
    format TEXT NOT NULL, style TEXT NOT NULL CHECK (style IN ('snapshot', 'append')),
    state TEXT NOT NULL CHECK (state IN ('taken', 'refused')),
    reading TEXT NOT NULL,                  -- the folder of its charges; '' when refused
    rows INTEGER NOT NULL, quarantined INTEGER NOT NULL,
    vat_inside_ppm INTEGER NOT NULL, problems TEXT NOT NULL, lacking TEXT NOT NULL,
    CHECK (state = 'taken' OR reading = '')
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS bills_delivery_once ON bills_delivery(file_sha, manifest_sha, uploader, state);
-- What an officer decided about an invoice that was held back: it may count, in this delivery's version.
CREATE TABLE IF NOT EXISTS bills_clearance(
    id INTEGER PRIMARY KEY, code TEXT NOT NULL, issuer TEXT NOT NULL, account TEXT NOT NULL, invoice TEXT NOT NULL,
    delivery INTEGER NOT NULL REFERENCES bills_delivery(id),
    day INTEGER NOT NULL, officer TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS bills_delivery_kept BEFORE UPDATE ON bills_delivery
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS bills_delivery_held BEFORE DELETE ON bills_delivery
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS bills_clearance_kept BEFORE UPDATE ON bills_clearance
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS bills_clearance_held BEFORE DELETE ON bills_clearance
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
