-- Every bill with its invoice's state: whether its rows count, or the ruling that they all get. A document is an
-- invoice by issuer and number; its number here follows the order of invoice and issuer.
CREATE OR REPLACE TEMP TABLE document AS
SELECT row_number() OVER () - 1 AS document, issuer, invoice
FROM (SELECT DISTINCT issuer, invoice FROM standing ORDER BY invoice, issuer);

CREATE OR REPLACE TEMP TABLE bill AS
SELECT found.bill, house.house, found.account, found.sub_account, currency.currency, found.copies,
       state.standing, document.document, state.ruling, state.vat_ppm, parse_path(found.filename)[-2] AS reading
FROM all_bills AS found
JOIN house ON house.issuer = found.issuer
JOIN currency ON currency.code = found.currency
JOIN state ON state.invoice_mark = found.invoice_mark
JOIN standing ON standing.standing = state.standing
JOIN document ON document.issuer = standing.issuer AND document.invoice = standing.invoice
