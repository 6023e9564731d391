-- Since 0.2.0 payments, returns and rounds cannot be replaced by their other unique keys either.
DROP TRIGGER IF EXISTS settlement_payment_no_replace;
DROP TRIGGER IF EXISTS settlement_return_no_replace;
DROP TRIGGER IF EXISTS settlement_round_no_replace;
