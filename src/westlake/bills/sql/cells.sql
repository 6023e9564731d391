-- All rows of all bills, summed once: one cell per bill (whose, which invoice), outcome (what the policy says of
-- its kind) and span (when). This is the only step that touches every row; everything after it works on cells.
--   <amount>  BilledCost or EffectiveCost, as the programme's basis says
--   <outcome> the outcome of the row's kind; of a row without the amount asked for, the outcome that says so
--   <step>    the step of time in microseconds; `step` says in which span each step lies
INSERT INTO cell
SELECT charge.bill, {outcome} AS outcome, step.span,
       count(*) AS rows,
       CAST(coalesce(sum(charge.{amount}), 0) AS DECIMAL(38, 18)) AS amount,
       CAST(sum(charge.content) AS DECIMAL(38, 0)) AS digest
FROM charge
JOIN kind ON kind.kind = charge.kind
JOIN step ON step.step = epoch_us(charge.ChargePeriodStart) // {step}
WHERE charge.quarantine IS NULL
GROUP BY charge.bill, {outcome}, step.span
