-- What was ruled, summed: every row of every bill stands in exactly one ruling.
CREATE OR REPLACE TEMP TABLE ruling_sum AS
SELECT ruling, currency, standing, sum(rows) AS rows, counted(sum(amount)) AS units
FROM ruled
GROUP BY ruling, currency, standing
UNION ALL
SELECT 'QUARANTINE', coalesce(BillingCurrency, ''), -1, count(*), counted(coalesce(sum(BilledCost), 0))
FROM all_charges
WHERE quarantine IS NOT NULL
GROUP BY BillingCurrency
