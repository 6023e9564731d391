-- Every cell gets a ruling, the first that fits, and the firm whose account it was on that day. Firms, currencies
-- and documents are numbers here (tables `firm`, `currency`, `document`).
CREATE OR REPLACE TEMP TABLE held AS
SELECT bill.bill, owner.firm, owner.first_day, owner.last_day, owner.account = bill.account AS is_main
FROM bill
JOIN owner ON owner.house = bill.house AND owner.account = bill.account
UNION ALL
SELECT bill.bill, owner.firm, owner.first_day, owner.last_day, FALSE
FROM bill
JOIN owner ON owner.house = bill.house AND owner.account = bill.sub_account
WHERE bill.sub_account <> bill.account;

CREATE OR REPLACE TEMP TABLE ruled AS
SELECT cell.bill, cell.outcome, cell.span, cell.rows, cell.amount, cell.digest,
       coalesce(own.firm, main.firm) AS firm, bill.standing, bill.document, bill.vat_ppm,
       bill.currency, span.month, span.piece, outcome.is_usage, outcome.class,
       CASE WHEN bill.ruling <> '' THEN bill.ruling
            WHEN NOT span.counts AND outcome.late <> 'SPREAD' THEN 'OUTSIDE_PERIOD'
            WHEN coalesce(own.firm, main.firm) IS NULL THEN 'FIRM_NOT_ENROLLED'
            WHEN outcome.allocated AND bill.copies THEN 'SPLIT_COPY'
            WHEN outcome.early <> '' THEN outcome.early
            WHEN near.firm IS NOT NULL THEN 'RELATED_PARTY'
            WHEN outcome.late <> 'ELIGIBLE' THEN outcome.late
            WHEN rate.rate IS NULL THEN 'NO_RATE'
            ELSE 'ELIGIBLE'
       END AS ruling
FROM cell
JOIN bill ON bill.bill = cell.bill
JOIN span ON span.span = cell.span
JOIN outcome ON outcome.outcome = cell.outcome
LEFT JOIN held AS own
    ON own.bill = cell.bill AND NOT own.is_main AND span.first_day BETWEEN own.first_day AND own.last_day
LEFT JOIN held AS main
    ON main.bill = cell.bill AND main.is_main AND span.first_day BETWEEN main.first_day AND main.last_day
LEFT JOIN near
    ON near.firm = coalesce(own.firm, main.firm) AND near.span = cell.span AND near.outcome = cell.outcome
LEFT JOIN rate ON rate.currency = bill.currency AND rate.month = span.month
