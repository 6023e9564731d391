-- Invoices that a firm itself says are paid, in which no document of payment is named and of which nobody else, such as
-- the provider's feed, says the same.
SELECT version.issuer, version.account, version.invoice, min(sent.uploader) AS firm, list(DISTINCT version.delivery) AS sent
FROM version
JOIN sent ON sent.delivery = version.delivery
JOIN firm ON firm.name = sent.uploader
WHERE version.invoice <> '' AND version.final AND version.paid AND NOT version.voided
  AND NOT EXISTS (SELECT 1 FROM version AS other JOIN sent AS from_other ON from_other.delivery = other.delivery
                  WHERE other.key = version.key AND other.paid
                    AND (other.proof <> '' OR from_other.uploader NOT IN (SELECT name FROM firm)))
GROUP BY version.issuer, version.account, version.invoice
ORDER BY 1, 2, 3
