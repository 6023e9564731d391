-- The rows behind some cells of the base: each with its file and its place in that file, counted from 1.
--   <files>   the charges of the readings concerned
--   <amount>, <step>, <outcome>  as in cells.sql
--   wanted    which cells: bill, outcome, span, with their standing and VAT
SELECT parse_path(charge.filename)[-2] AS reading, charge.file_row_number + 1 AS row,
       epoch_us(charge.ChargePeriodStart) AS start, charge.ChargeCategory AS category, charge.ServiceName AS service,
       charge.ResourceId AS resource, charge.ChargeDescription AS description, wanted.standing, wanted.vat_ppm,
       CAST(counted(charge.{amount}) AS VARCHAR) AS units, CAST(charge.content AS VARCHAR) AS mark
FROM read_parquet([{files}], filename = true, file_row_number = true) AS charge
JOIN step ON step.step = epoch_us(charge.ChargePeriodStart) // {step}
JOIN kind ON kind.kind = charge.kind
JOIN wanted ON wanted.bill = charge.bill AND wanted.outcome = {outcome} AND wanted.span = step.span
WHERE charge.quarantine IS NULL
ORDER BY reading, row
