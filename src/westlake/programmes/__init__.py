"""A city's support as code: one folder a jurisdiction, one folder a programme. Handed in, never imported."""
