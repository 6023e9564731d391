-- What credits that name no service are spread over: the positive usage of their invoices, row by row, summed by
-- where a share would fall; class -1 where it does not count. Asked only of bills whose invoice has such a credit.
--   <amount>, <step>, <outcome>  as in cells.sql
INSERT INTO usage
SELECT ruled.firm, ruled.standing, ruled.currency, ruled.month, ruled.piece,
       CASE WHEN ruled.ruling = 'ELIGIBLE' THEN ruled.class ELSE -1 END AS class,
       counted(sum(charge.{amount})) AS units
FROM charge
JOIN kind ON kind.kind = charge.kind
JOIN step ON step.step = epoch_us(charge.ChargePeriodStart) // {step}
JOIN ruled ON ruled.bill = charge.bill AND ruled.outcome = {outcome} AND ruled.span = step.span
WHERE charge.quarantine IS NULL AND charge.{amount} > 0
  AND charge.bill IN (SELECT bill FROM spreading) AND ruled.is_usage AND ruled.ruling <> 'SPLIT_COPY'
GROUP BY ruled.firm, ruled.standing, ruled.currency, ruled.month, ruled.piece,
         CASE WHEN ruled.ruling = 'ELIGIBLE' THEN ruled.class ELSE -1 END
