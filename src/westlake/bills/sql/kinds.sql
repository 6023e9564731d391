-- The kinds of charge a reading holds: everything a programme's spend policy may ask of a row. One row a `kind`,
-- so a policy is asked a few hundred times, not a few million.
--   <target>  where the table goes
COPY (
    SELECT DISTINCT kind, ChargeCategory AS category, ChargeClass AS class,
           ServiceCategory AS service_category, ServiceSubcategory AS service_subcategory, ServiceName AS service,
           ServiceProviderName AS seller, HostProviderName AS host, InvoiceIssuerName AS issuer, RegionId AS region,
           CommitmentDiscountStatus AS commitment_status, CommitmentDiscountId IS NOT NULL AS committed,
           ChargeCategory = 'Purchase' AND coalesce(EffectiveCost = 0 AND BilledCost <> 0, FALSE) AS prepays,
           CASE WHEN ChargeCategory = 'Adjustment' THEN coalesce(ChargeDescription, '') END AS adjustment,
           ChargeCategory = 'Adjustment' AND BilledCost < 0 AS refunds,
           AllocatedMethodId IS NOT NULL AS allocated
    FROM charges
    WHERE quarantine IS NULL
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
