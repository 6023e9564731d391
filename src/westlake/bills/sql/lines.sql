-- The base, line by line: exact sums, then VAT out, then local money, each step rounded once, half away from zero.
--   base18  as billed, in 1e-18 units        base10  without VAT inside the price, in 1e-10 units
--   local6  base10 x rate, in FineMoney of the local currency (<to_fine>: what is left to divide by)
CREATE OR REPLACE TEMP TABLE line AS
WITH part AS (
    SELECT firm, document, class, month, piece, currency, vat_ppm, rows, amount, digest
    FROM ruled
    WHERE ruling = 'ELIGIBLE'
    UNION ALL
    SELECT firm, document, class, month, piece, currency, vat_ppm, 0, amount, 0
    FROM spread
), priced AS (
    SELECT firm, document, class, month, piece, currency, vat_ppm,
           CAST(sum(rows) AS BIGINT) AS rows, counted(sum(amount)) AS base18, CAST(sum(digest) AS HUGEINT) AS digest
    FROM part
    GROUP BY firm, document, class, month, piece, currency, vat_ppm
), netted AS (
    SELECT *, without_vat(base18, vat_ppm) AS base10
    FROM priced
), summed AS (
    SELECT firm, document, class, month, piece, currency,
           CAST(sum(rows) AS BIGINT) AS rows, CAST(sum(base18) AS HUGEINT) AS base18,
           CAST(sum(base10) AS HUGEINT) AS base10, CAST(sum(digest) AS HUGEINT) AS digest
    FROM netted
    GROUP BY firm, document, class, month, piece, currency
), ordered AS (
    SELECT summed.*, CAST(half_up(summed.base10 * rate.rate, {to_fine}) AS BIGINT) AS local6
    FROM summed
    JOIN rate ON rate.currency = summed.currency AND rate.month = summed.month
    ORDER BY month, piece, document, class, summed.currency, firm
)
SELECT row_number() OVER () AS number, *
FROM ordered
