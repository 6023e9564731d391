"""Invented firms and their cloud bills, for the demo and for tests: seeded, labelled, and any slice alone.

    firms = generate_firms(2_000, seed=7)
    made = generate(folder, firms, months, seed=7)       # files and manifests; labels of the frauds and look-alikes
    bills = firm_month(firms[0], months[0], seed=7)      # one firm's month, the same as in the whole
"""

from westlake.bills.generator.acts import Label, write_labels
from westlake.bills.generator.deliveries import Generated, Sent, fx_rates, generate
from westlake.bills.generator.firms import Account, FirmProfile, account_spans, generate_firms, related_parties
from westlake.bills.generator.usage import Bill, Charge, firm_month

__all__ = ["Account", "Bill", "Charge", "FirmProfile", "Generated", "Label", "Sent", "account_spans", "firm_month",
           "fx_rates", "generate", "generate_firms", "related_parties", "write_labels"]
