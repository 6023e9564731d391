-- Invoices most of whose use names no region, from sellers that nearly always name one: where it ran can't be told, and
-- the programme counts use by its region.
WITH summed AS (
    SELECT bill.standing, bill.house,
           coalesce(sum(cell.amount) FILTER (outcome.unplaced), 0) AS unplaced, sum(cell.amount) AS everything
    FROM cell
    JOIN bill ON bill.bill = cell.bill
    JOIN outcome ON outcome.outcome = cell.outcome
    WHERE outcome.is_usage AND outcome.early = '' AND cell.amount > 0 AND bill.ruling NOT IN ('NOT_FINAL', 'SUPERSEDED')
    GROUP BY bill.standing, bill.house
), careless AS (
    SELECT house
    FROM summed
    GROUP BY house
    HAVING 10 * count(*) FILTER (2 * unplaced > everything) >= count(*)
)
SELECT standing.issuer, standing.account, standing.invoice
FROM summed
JOIN standing ON standing.standing = summed.standing
WHERE 2 * summed.unplaced > summed.everything AND summed.house NOT IN (SELECT house FROM careless)
ORDER BY 1, 2, 3
