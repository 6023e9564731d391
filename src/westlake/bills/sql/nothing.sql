-- The shape of charges, bills and kinds where no bill has come yet.
CREATE OR REPLACE TEMP VIEW all_charges AS
SELECT CAST(0 AS UBIGINT) AS bill, CAST(0 AS UBIGINT) AS kind, CAST(0 AS UBIGINT) AS content,
       CAST(0 AS DECIMAL(38, 18)) AS BilledCost, CAST(0 AS DECIMAL(38, 18)) AS EffectiveCost,
       TIMESTAMP '2000-01-01 00:00:00' AS ChargePeriodStart, '' AS BillingCurrency, '' AS quarantine
LIMIT 0;
CREATE OR REPLACE TEMP VIEW all_bills AS
SELECT CAST(0 AS UBIGINT) AS bill, '' AS issuer, '' AS account, '' AS sub_account, '' AS invoice,
       TIMESTAMP '2000-01-01 00:00:00' AS billing_start, '' AS currency, FALSE AS copies,
       TIMESTAMP '2000-01-01 00:00:00' AS first_start, TIMESTAMP '2000-01-01 00:00:00' AS last_start, '' AS filename
LIMIT 0;
CREATE OR REPLACE TEMP VIEW all_kinds AS
SELECT CAST(0 AS UBIGINT) AS kind, '' AS category, '' AS class, '' AS service_category, '' AS service_subcategory,
       '' AS service, '' AS seller, '' AS host, '' AS issuer, '' AS region, '' AS commitment_status, FALSE AS committed,
       FALSE AS prepays, '' AS adjustment, FALSE AS refunds, FALSE AS allocated
LIMIT 0;
