-- The invoices of a reading, summed. Rows without an invoice are summed by billing period: they are still open.
SELECT coalesce(issuer, '') AS issuer, coalesce(account, '') AS account, invoice, coalesce(currency, '') AS currency,
       CAST(coalesce(min(epoch_us(billing_start) // 86400000000), 0) AS BIGINT) AS billing_day,
       bool_and(given) AS given, CAST(sum(rows) AS BIGINT) AS rows, CAST(sum(bad_rows) AS BIGINT) AS bad_rows,
       bool_or(copies) AS copies, CAST(counted(sum(total)) AS VARCHAR) AS total,
       CAST(coalesce(sum(digest), 0) AS VARCHAR) AS digest, CAST(invoice_mark AS VARCHAR) AS invoice_mark
FROM read_parquet({bills})
GROUP BY invoice_mark, issuer, account, invoice, currency
ORDER BY issuer, account, invoice, currency, billing_day
