-- Every cell gets a ruling, the first that fits, and the firm whose account it was on that day.
CREATE OR REPLACE TEMP TABLE held AS
SELECT seen.bill, seen.span, coalesce(own.firm, main.firm) AS firm
FROM (SELECT DISTINCT bill, span FROM cell) AS seen
JOIN bill ON bill.bill = seen.bill
JOIN span ON span.span = seen.span
LEFT JOIN owner AS own
    ON own.house = bill.house AND own.account = bill.sub_account AND span.first_day BETWEEN own.first_day AND own.last_day
LEFT JOIN owner AS main
    ON main.house = bill.house AND main.account = bill.account AND span.first_day BETWEEN main.first_day AND main.last_day;

CREATE OR REPLACE TEMP TABLE ruled AS
SELECT cell.bill, cell.kind, cell.span, cell.rows, cell.amount, cell.positive, cell.digest,
       held.firm, state.standing, state.vat_ppm, bill.currency, span.month, span.piece,
       kind.category, kind.spend_class,
       CASE WHEN state.ruling <> '' THEN state.ruling
            WHEN NOT span.counts AND kind.late <> 'SPREAD' THEN 'OUTSIDE_PERIOD'
            WHEN held.firm IS NULL THEN 'FIRM_NOT_ENROLLED'
            WHEN kind.allocated AND bill.copies THEN 'SPLIT_COPY'
            WHEN kind.early <> '' THEN kind.early
            WHEN seller.firm IS NOT NULL OR issuer.firm IS NOT NULL THEN 'RELATED_PARTY'
            WHEN kind.late <> 'ELIGIBLE' THEN kind.late
            WHEN rate.rate IS NULL THEN 'NO_RATE'
            ELSE 'ELIGIBLE'
       END AS ruling
FROM cell
JOIN bill ON bill.bill = cell.bill
JOIN held ON held.bill = cell.bill AND held.span = cell.span
JOIN span ON span.span = cell.span
JOIN kind ON kind.kind = cell.kind
JOIN state ON state.state = bill.state
LEFT JOIN related AS seller ON seller.firm = held.firm AND seller.house = kind.seller AND seller.span = cell.span
LEFT JOIN related AS issuer ON issuer.firm = held.firm AND issuer.house = kind.issuer AND issuer.span = cell.span
LEFT JOIN rate ON rate.currency = bill.currency AND rate.month = span.month
