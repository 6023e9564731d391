"""The money room: budgets, payments, batches, the bank, recoveries, rounds, the books."""
