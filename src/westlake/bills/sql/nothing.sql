-- The shape of charges, bills, kinds and what is told of invoices where no bill has come yet.
CREATE OR REPLACE TEMP VIEW all_charges AS
SELECT CAST(0 AS UBIGINT) AS bill, CAST(0 AS UBIGINT) AS kind, CAST(0 AS UBIGINT) AS content,
       CAST(0 AS DECIMAL(38, 18)) AS BilledCost, CAST(0 AS DECIMAL(38, 18)) AS EffectiveCost, '' AS ChargeCategory,
       '' AS CommitmentDiscountId,
       TIMESTAMP '2000-01-01 00:00:00' AS ChargePeriodStart, '' AS BillingCurrency, '' AS quarantine
LIMIT 0;
CREATE OR REPLACE TEMP VIEW all_bills AS
SELECT CAST(0 AS UBIGINT) AS bill, CAST(0 AS UBIGINT) AS invoice_mark, '' AS issuer, '' AS account, '' AS sub_account,
       '' AS currency, FALSE AS copies, TIMESTAMP '2000-01-01 00:00:00' AS billing_start,
       TIMESTAMP '2000-01-01 00:00:00' AS first_start,
       TIMESTAMP '2000-01-01 00:00:00' AS last_start, '' AS filename
LIMIT 0;
CREATE OR REPLACE TEMP VIEW all_kinds AS
SELECT CAST(0 AS UBIGINT) AS kind, '' AS category, '' AS class, '' AS service_category, '' AS service_subcategory,
       '' AS service, '' AS seller, '' AS host, '' AS issuer, '' AS region, '' AS commitment_status, FALSE AS committed,
       FALSE AS prepays, '' AS adjustment, FALSE AS refunds, FALSE AS allocated
LIMIT 0;
CREATE OR REPLACE TEMP VIEW all_told AS
SELECT CAST(0 AS UBIGINT) AS invoice_mark, '' AS issuer, '' AS account, '' AS invoice, 0 AS billing_day, '' AS currency,
       FALSE AS given, 0 AS rows, 0 AS bad_rows, FALSE AS copies, CAST(0 AS DECIMAL(38, 0)) AS total,
       CAST(0 AS DECIMAL(38, 0)) AS digest, FALSE AS is_declared, CAST(0 AS DECIMAL(38, 0)) AS declared,
       0 AS declared_digits, FALSE AS is_off, FALSE AS final, FALSE AS paid, FALSE AS voided, '' AS proof,
       '' AS filename
LIMIT 0;
