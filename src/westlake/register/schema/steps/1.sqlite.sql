-- Since 0.3.0 facts are found by their name: the districts that there are, everybody's names.
CREATE INDEX IF NOT EXISTS register_fact_by_name ON register_fact(name, subject);
