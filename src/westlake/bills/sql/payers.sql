-- Invoices in which one paying account stands for several firms that the register puts in no common house: each of them
-- has a cap of its own, and one spender may hide behind all.
--   house_of  firm → the house it belongs to by the register, itself when it stands alone
SELECT standing.issuer, standing.account, standing.invoice, string_agg(DISTINCT firm.name, ', ' ORDER BY firm.name) AS firms
FROM ruled
JOIN bill ON bill.bill = ruled.bill
JOIN standing ON standing.standing = bill.standing
JOIN firm ON firm.firm = ruled.firm
JOIN house_of ON house_of.firm = ruled.firm
GROUP BY standing.issuer, standing.account, standing.invoice
HAVING count(DISTINCT house_of.name) > 1 AND bool_or(bill.sub_account <> bill.account)
ORDER BY 1, 2, 3
