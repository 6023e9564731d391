"""What the office plans: the blueprint, its programmes and their values, its calls, its own effort."""
