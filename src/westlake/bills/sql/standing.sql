-- Every bill with its invoice's state: whether its rows count, or the ruling that they all get.
CREATE OR REPLACE TEMP TABLE bill AS
SELECT found.bill, house.house, found.account, found.sub_account, found.currency, found.copies, state.state
FROM (SELECT *, parse_path(filename)[-2] AS reading FROM all_bills) AS found
JOIN house ON house.issuer = found.issuer
JOIN state
    ON state.reading = found.reading AND state.issuer = found.issuer AND state.account = found.account
   AND state.invoice = found.invoice AND state.currency = found.currency
   AND state.open_day = CASE WHEN found.invoice = '' THEN epoch_us(found.billing_start) // 86400000000 ELSE 0 END
