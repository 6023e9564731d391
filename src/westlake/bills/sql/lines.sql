-- The base, line by line: exact sums, then VAT out, then local money, each step rounded once, half away from zero.
--   base18  as billed, in 1e-18 units        base10  without VAT inside the price, in 1e-10 units
--   local6  base10 x rate, in FineMoney of the local currency (<to_fine>: what is left to divide by)
CREATE OR REPLACE TEMP TABLE line AS
WITH own AS (
    SELECT firm, standing, spend_class, month, piece, currency, vat_ppm,
           sum(rows) AS rows, counted(sum(amount)) AS units, sum(digest) AS digest
    FROM ruled
    WHERE ruling = 'ELIGIBLE'
    GROUP BY firm, standing, spend_class, month, piece, currency, vat_ppm
), part AS (
    SELECT firm, standing, spend_class, month, piece, currency, vat_ppm, rows, units, digest
    FROM own
    UNION ALL
    SELECT firm, standing, spend_class, month, piece, currency, vat_ppm, 0, units, 0
    FROM spread
), priced AS (
    SELECT part.firm, standing.issuer, standing.invoice, part.spend_class, part.month, part.piece, part.currency,
           part.vat_ppm,
           CAST(sum(part.rows) AS BIGINT) AS rows,
           CAST(sum(part.units) AS HUGEINT) AS base18,
           CAST(sum(part.digest) AS HUGEINT) AS digest
    FROM part
    JOIN standing ON standing.standing = part.standing
    GROUP BY part.firm, standing.issuer, standing.invoice, part.spend_class, part.month, part.piece, part.currency,
             part.vat_ppm
), netted AS (
    -- base18 x 1e6 / (1e6 + vat), taken apart so that no product outgrows 38 digits
    SELECT *, CAST(1000000 + vat_ppm AS HUGEINT) * 100000000 AS gross
    FROM priced
), summed AS (
    SELECT firm, issuer, invoice, spend_class, month, piece, currency,
           CAST(sum(rows) AS BIGINT) AS rows, CAST(sum(base18) AS HUGEINT) AS base18,
           CAST(sum(base18 // gross * 1000000 + half_up(base18 % gross * 1000000, gross)) AS HUGEINT) AS base10,
           CAST(sum(digest) AS HUGEINT) AS digest
    FROM netted
    GROUP BY firm, issuer, invoice, spend_class, month, piece, currency
)
SELECT row_number() OVER (ORDER BY summed.month, summed.piece, summed.invoice, summed.spend_class, summed.currency,
                                   summed.issuer, summed.firm) AS number,
       summed.*, rate.rate, rate.day AS rate_day, rate.source AS rate_source,
       CAST(half_up(summed.base10 * rate.rate, {to_fine}) AS BIGINT) AS local6
FROM summed
JOIN rate ON rate.currency = summed.currency AND rate.month = summed.month
ORDER BY number
