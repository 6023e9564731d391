-- Invoices of whose use, before credits, a later bill gives half or more back. What is claimed of a month may then never have been spent; the
-- money back nets in that month by itself, and an officer should know that it came after the claim.
-- A bill belongs to a later month when the month charged began at least 27 days before its billing period did.
WITH dated AS (
    SELECT bill.standing, bill.house, bill.account, bill.currency, bill.ruling, span.month, cell.amount, outcome.early,
           outcome.is_usage,
           span.month <= epoch_us(found.billing_start) // 86400000000 - 27 AS is_later
    FROM cell
    JOIN bill ON bill.bill = cell.bill
    JOIN all_bills AS found ON found.bill = cell.bill
    JOIN span ON span.span = cell.span
    JOIN outcome ON outcome.outcome = cell.outcome
), given_back AS (
    SELECT house, account, currency, month, standing, -sum(amount) AS back
    FROM dated
    WHERE is_later AND early <> 'TAX' AND ruling NOT IN ('NOT_FINAL', 'SUPERSEDED')
    GROUP BY house, account, currency, month, standing
    HAVING sum(amount) < 0
), charged AS (
    SELECT house, account, currency, month, standing, sum(amount) AS charged
    FROM dated
    WHERE NOT is_later AND is_usage AND ruling NOT IN ('NOT_FINAL', 'SUPERSEDED')
    GROUP BY house, account, currency, month, standing
    HAVING sum(amount) > 0
)
SELECT first.issuer, first.account, first.invoice, min(later.invoice) AS later, currency.code AS currency,
       CAST(counted(sum(given_back.back)) AS VARCHAR) AS back, CAST(counted(min(charged.charged)) AS VARCHAR) AS charged
FROM charged
JOIN given_back USING (house, account, currency, month)
JOIN standing AS first ON first.standing = charged.standing
JOIN standing AS later ON later.standing = given_back.standing
JOIN currency ON currency.currency = charged.currency
GROUP BY first.issuer, first.account, first.invoice, currency.code
HAVING 2 * sum(given_back.back) >= min(charged.charged)
ORDER BY 1, 2, 3, 5
