-- What was ruled, summed: every row of every bill stands in exactly one ruling.
CREATE OR REPLACE TEMP TABLE ruling_sum AS
SELECT ruled.ruling, currency.code AS currency, CAST(sum(ruled.rows) AS BIGINT) AS rows, counted(sum(ruled.amount)) AS units
FROM ruled
JOIN currency ON currency.currency = ruled.currency
GROUP BY ruled.ruling, currency.code
UNION ALL
SELECT 'QUARANTINE', coalesce(BillingCurrency, ''), count(*), counted(coalesce(sum(BilledCost), 0))
FROM all_charges
WHERE quarantine IS NOT NULL
GROUP BY BillingCurrency
