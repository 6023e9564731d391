-- Every invoice in every delivery; and which of them an ordinary rule can't settle, so that `standing.py` looks
-- at them one by one: those that came more than once, that are open, off, unreadable or near unreadable rows, or
-- whose number stands under two accounts. Most invoices are none of these. Keys are hashes for this run alone:
-- should two invoices ever share one, that is odd too, and the closer look compares texts.
CREATE OR REPLACE TEMP TABLE version AS
SELECT sent.delivery, sent.reading, sent.vat_ppm, told.* EXCLUDE (filename), house.house,
       hash(house.house, told.account, told.invoice) AS key,
       hash(house.house, told.account) AS account_key,
       hash(house.house, told.invoice) AS number_key,
       told.issuer = '' OR told.account = '' OR (told.invoice = '' AND told.bad_rows > 0) AS is_stray
FROM all_told AS told
JOIN sent ON sent.path = parse_path(told.filename)[-2] || '/' || parse_path(told.filename)[-1]
LEFT JOIN house ON house.issuer = told.issuer;

CREATE OR REPLACE TEMP TABLE odd_account AS
SELECT DISTINCT account_key FROM version WHERE invoice = '';

CREATE OR REPLACE TEMP TABLE odd_number AS
SELECT number_key FROM version
WHERE invoice <> '' AND given
GROUP BY number_key
HAVING min(account) <> max(account);

CREATE OR REPLACE TEMP TABLE odd_delivery AS
SELECT DISTINCT delivery FROM version WHERE is_stray;

CREATE OR REPLACE TEMP TABLE invoice AS
SELECT key, row_number() OVER () - 1 AS standing, issuer, account, invoice, is_final, is_paid, is_odd
FROM (
    SELECT key, min(issuer) AS issuer, min(account) AS account, min(invoice) AS invoice,
           bool_and(final AND NOT voided) AS is_final, bool_and(paid) AS is_paid,
           min(delivery) <> max(delivery) OR min(account) <> max(account) OR min(invoice) <> max(invoice)
           OR min(house) <> max(house) OR bool_or(is_off OR bad_rows > 0) OR min(invoice) = ''
           OR bool_or(account_key IN (SELECT account_key FROM odd_account))
           OR bool_or(number_key IN (SELECT number_key FROM odd_number))
           OR bool_or(delivery IN (SELECT delivery FROM odd_delivery)) AS is_odd
    FROM version
    WHERE issuer <> '' AND account <> ''
    GROUP BY key
);

CREATE OR REPLACE TEMP TABLE standing AS
SELECT standing, issuer, account, invoice FROM invoice WHERE NOT is_odd;

CREATE OR REPLACE TEMP TABLE state AS
SELECT version.invoice_mark, invoice.standing, version.vat_ppm,
       CASE WHEN NOT invoice.is_final THEN 'NOT_FINAL' WHEN NOT invoice.is_paid THEN 'NOT_PAID' ELSE '' END AS ruling
FROM version
JOIN invoice ON invoice.key = version.key
WHERE NOT invoice.is_odd
