"""What the city set out to do and what came of it: the blueprint, the office's effort, new values proposed."""
