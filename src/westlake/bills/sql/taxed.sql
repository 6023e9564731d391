-- Invoices whose tax is not what the same seller's invoices mostly bear: rows that were added, raised or left out
-- after the tax was reckoned leave this trace. Asked of sellers of whose invoices at least ten, and most, bear one rate
-- (found to a ten-thousandth); two cents either way are rounding.
WITH summed AS (
    SELECT bill.standing, bill.house, bill.currency,
           counted(coalesce(sum(cell.amount) FILTER (outcome.early = 'TAX'), 0)) AS tax,
           counted(coalesce(sum(cell.amount) FILTER (outcome.early <> 'TAX'), 0)) AS net
    FROM cell
    JOIN bill ON bill.bill = cell.bill
    JOIN outcome ON outcome.outcome = cell.outcome
    WHERE bill.ruling NOT IN ('NOT_FINAL', 'SUPERSEDED')
    GROUP BY bill.standing, bill.house, bill.currency
), rated AS (
    SELECT *, CAST(half_up(tax * 10000, net) AS BIGINT) AS rate
    FROM summed
    WHERE net > CAST(100 AS HUGEINT) * 1000000000000000000
), counted_rate AS (
    SELECT house, rate, count(*) AS invoices, sum(count(*)) OVER (PARTITION BY house) AS everyone
    FROM rated
    GROUP BY house, rate
), usual AS (
    SELECT house, rate
    FROM counted_rate
    WHERE invoices >= 10 AND 2 * invoices > everyone AND rate > 0
)
SELECT standing.issuer, standing.account, standing.invoice, currency.code AS currency,
       CAST(summed.tax AS VARCHAR) AS tax, CAST(half_up(summed.net * usual.rate, 10000) AS VARCHAR) AS expected
FROM summed
JOIN usual ON usual.house = summed.house
JOIN standing ON standing.standing = summed.standing
JOIN currency ON currency.currency = summed.currency
WHERE summed.net > 0 AND abs(summed.tax * 10000 - summed.net * usual.rate) >= CAST(200 AS HUGEINT) * 1000000000000000000
ORDER BY 1, 2, 3, 4
