-- Since 0.3.0 the desk opens budgets too: each stands in a table of its own.
CREATE TABLE IF NOT EXISTS settlement_budget (
    programme TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL REFERENCES programme_version (digest),
    PRIMARY KEY (programme, year, currency)
);
INSERT INTO settlement_budget (programme, year, currency, digest)
SELECT programme, year, currency, digest FROM settlement_round WHERE id IN
    (SELECT max(id) FROM settlement_round GROUP BY programme, year, currency);
