-- Every row of a reading with its ruling, for whoever wants to check: the n-th row of the file, the firm, the
-- class it counts in, its amount, and the policy it was ruled under.
--   <files>   the charges of the reading;  <file> its file and <sha> that file's fingerprint
--   <policy>  the fingerprint of the spend policy;  <amount>, <step>, <outcome> as in cells.sql
COPY (
    SELECT {file} AS file, {sha} AS file_sha, charge.file_row_number + 1 AS row, {policy} AS policy,
           coalesce(ruled.ruling, 'QUARANTINE') AS ruling, firm.name AS firm, class.name AS spend_class,
           charge.{amount} AS amount, charge.BillingCurrency AS currency
    FROM read_parquet({files}, file_row_number = true) AS charge
    LEFT JOIN kind ON kind.kind = charge.kind
    LEFT JOIN step ON step.step = epoch_us(charge.ChargePeriodStart) // {step}
    LEFT JOIN ruled
        ON charge.quarantine IS NULL AND ruled.bill = charge.bill AND ruled.outcome = {outcome} AND ruled.span = step.span
    LEFT JOIN firm ON firm.firm = ruled.firm
    LEFT JOIN class ON class.class = ruled.class AND ruled.ruling = 'ELIGIBLE'
) TO {target} (FORMAT parquet, COMPRESSION zstd)
