-- One file of a bill becomes charges in the canonical shape (the names of FOCUS 1.4).
-- Rows keep the file's order, so the n-th row here is the n-th row of the file. A row that can't be
-- read stays in its place with the fault named; it counts for nothing and nobody guesses at it.
--   <named>    each canonical column as text, from the format's mapping file
--   <invoice>  the invoice id as given, or made by the manifest's rule where the format has none
--   <currencies>  the currencies that are money here
--   <reading>  the fingerprint of this file under this mapping
COPY (
    WITH named AS (
        SELECT {named}, fault, fault_text
        FROM raw
    ), parted AS (
        SELECT *, number_parts(BilledCost) AS billed_parts, number_parts(EffectiveCost) AS effective_parts
        FROM named
    ), plain AS (
        SELECT *,
            plain_amount(BilledCost, billed_parts) AS plain_billed,
            plain_amount(EffectiveCost, effective_parts) AS plain_effective,
            instant(ChargePeriodStart) AS charge_start,
            instant(ChargePeriodEnd) AS stated_end,
            instant(BillingPeriodStart) AS billing_start
        FROM parted
    ), typed AS (
        SELECT *,
            exact_amount(plain_billed) AS billed,
            exact_amount(plain_effective) AS effective,
            coalesce(stated_end, charge_start) AS charge_end,
            {invoice} AS invoice
        FROM plain
    ), checked AS (
        SELECT *,
            CASE WHEN fault IS NOT NULL THEN fault
                 WHEN billed IS NULL THEN amount_fault(plain_billed) || ' BilledCost'
                 WHEN effective IS NULL AND EffectiveCost IS NOT NULL
                     THEN amount_fault(plain_effective) || ' EffectiveCost'
                 WHEN charge_start IS NULL THEN 'W314 ChargePeriodStart'
                 WHEN billing_start IS NULL THEN 'W314 BillingPeriodStart'
                 WHEN BillingCurrency IS NULL OR BillingCurrency NOT IN ({currencies}) THEN 'W315 BillingCurrency'
                 WHEN BillingAccountId IS NULL THEN 'W316 BillingAccountId'
                 WHEN InvoiceIssuerName IS NULL THEN 'W316 InvoiceIssuerName'
                 WHEN ChargeCategory IS NULL
                      OR ChargeCategory NOT IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment') THEN 'W317 ChargeCategory'
            END AS quarantine
        FROM typed
    )
    SELECT
        mark(concat_ws(chr(31), '{reading}', coalesce(InvoiceIssuerName, ''), coalesce(BillingAccountId, ''),
                       coalesce(SubAccountId, ''), coalesce(invoice, ''), coalesce(BillingCurrency, ''),
                       coalesce(CAST(billing_start AS VARCHAR), ''))) AS bill,
        mark(concat_ws(chr(31), coalesce(ChargeCategory, ''), coalesce(ChargeClass, ''), coalesce(ServiceCategory, ''),
                       coalesce(ServiceSubcategory, ''), coalesce(ServiceName, ''), coalesce(ServiceProviderName, ''),
                       coalesce(HostProviderName, ''), coalesce(InvoiceIssuerName, ''), coalesce(RegionId, ''),
                       coalesce(CommitmentDiscountStatus, ''), CommitmentDiscountId IS NULL, AllocatedMethodId IS NULL,
                       CASE ChargeCategory
                            WHEN 'Purchase' THEN CASE WHEN effective = 0 AND billed <> 0 THEN 'prepays' ELSE '' END
                            WHEN 'Adjustment' THEN CASE WHEN billed < 0 THEN '-' ELSE '+' END || coalesce(ChargeDescription, '')
                            ELSE '' END)) AS kind,
        mark(concat_ws(chr(31), billed, coalesce(CAST(effective AS VARCHAR), ''), charge_start, charge_end,
                       BillingCurrency, ChargeCategory, coalesce(ChargeClass, ''), coalesce(ServiceName, ''),
                       coalesce(RegionId, ''), coalesce(ResourceId, ''), coalesce(SkuId, ''),
                       coalesce(SkuPriceId, ''))) AS content,
        billed AS BilledCost, effective AS EffectiveCost,
        charge_start AS ChargePeriodStart, charge_end AS ChargePeriodEnd, billing_start AS BillingPeriodStart,
        quarantine,
        CASE WHEN quarantine IS NULL THEN NULL WHEN fault IS NOT NULL THEN fault_text
             ELSE CASE split_part(quarantine, ' ', 2)
                  WHEN 'BilledCost' THEN BilledCost WHEN 'EffectiveCost' THEN EffectiveCost
                  WHEN 'ChargePeriodStart' THEN ChargePeriodStart WHEN 'BillingPeriodStart' THEN BillingPeriodStart
                  WHEN 'BillingCurrency' THEN BillingCurrency WHEN 'ChargeCategory' THEN ChargeCategory END
        END AS quarantine_text,
        invoice AS InvoiceId, InvoiceId IS NOT NULL AS invoice_given,
        BillingAccountId, SubAccountId, BillingCurrency, InvoiceIssuerName,
        ChargeCategory, ChargeClass, ChargeDescription, ServiceCategory, ServiceSubcategory, ServiceName,
        ServiceProviderName, HostProviderName, RegionId, CommitmentDiscountId, CommitmentDiscountStatus,
        AllocatedMethodId, ResourceId, SkuId, SkuPriceId, Tags
    FROM checked
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
