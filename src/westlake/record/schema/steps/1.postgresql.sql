-- Since 0.3.0 acts are found by their kind.
CREATE INDEX IF NOT EXISTS act_by_act ON act (act, id);
