-- Since 0.3.0 the desk opens budgets too: each stands in a table of its own.
CREATE TABLE IF NOT EXISTS settlement_budget(
    programme TEXT NOT NULL, year INTEGER NOT NULL, currency TEXT NOT NULL, digest TEXT NOT NULL REFERENCES programme_version(digest),
    PRIMARY KEY (programme, year, currency)
) STRICT;
INSERT INTO settlement_budget (programme, year, currency, digest)
SELECT programme, year, currency, digest FROM settlement_round WHERE id IN
    (SELECT max(id) FROM settlement_round GROUP BY programme, year, currency);
