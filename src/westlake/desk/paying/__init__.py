"""Money of cases: promised, earned, ordered, paid by the bank, and claimed back."""
