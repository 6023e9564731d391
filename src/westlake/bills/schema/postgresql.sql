-- What the bills room keeps on PostgreSQL; it says what sqlite.sql says. A delivery's row is the commit
-- point: its Parquet files count from the moment that this row stands. Nothing is ever edited.

CREATE TABLE IF NOT EXISTS bills_delivery (
    id BIGINT PRIMARY KEY DEFAULT next_id('bills_delivery'),  -- the order of receipt
    file_sha TEXT COLLATE "C" NOT NULL,
    manifest_sha TEXT COLLATE "C" NOT NULL,
    uploader TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    received_day BIGINT NOT NULL,
    format TEXT COLLATE "C" NOT NULL,
    style TEXT COLLATE "C" NOT NULL CHECK (style IN ('snapshot', 'append')),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('taken', 'refused')),
    reading TEXT COLLATE "C" NOT NULL,  -- the folder of its charges; '' when refused
    rows BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    vat_inside_ppm BIGINT NOT NULL,
    problems TEXT COLLATE "C" NOT NULL,
    lacking TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "state = 'taken' OR reading = ''" CHECK (state = 'taken' OR reading = '')
);
CREATE UNIQUE INDEX IF NOT EXISTS bills_delivery_once ON bills_delivery (file_sha, manifest_sha, uploader, state);

-- What an officer decided about an invoice that was held back: it may count, in this delivery's version.
CREATE TABLE IF NOT EXISTS bills_clearance (
    id BIGINT PRIMARY KEY DEFAULT next_id('bills_clearance'),
    code TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    invoice TEXT COLLATE "C" NOT NULL,
    delivery BIGINT NOT NULL REFERENCES bills_delivery (id),
    day BIGINT NOT NULL,
    officer TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);

CREATE OR REPLACE TRIGGER bills_delivery_stays BEFORE UPDATE OR DELETE ON bills_delivery
FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE OR REPLACE TRIGGER bills_delivery_stays_whole BEFORE TRUNCATE ON bills_delivery
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
GRANT SELECT, INSERT ON bills_delivery TO westlake_app;

CREATE OR REPLACE TRIGGER bills_clearance_stays BEFORE UPDATE OR DELETE ON bills_clearance
FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE OR REPLACE TRIGGER bills_clearance_stays_whole BEFORE TRUNCATE ON bills_clearance
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
GRANT SELECT, INSERT ON bills_clearance TO westlake_app;

