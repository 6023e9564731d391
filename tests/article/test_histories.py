"""Six fictional firms carry the six dragons' histories through the programmes, under both regimes."""

from westlake.ledger import Books
from westlake.money import parse_money

from .test_programmes import CHALLENGE, DIRECT, LOSS, PERSON, ROUND_B

# firm → its case: (programme, day, what the case says, paid under article, paid under official)
HISTORIES = {
    "whale": ("talent", "2023-07-17", PERSON, "10000000.00", "10000000.00"),
    "colt": ("fund", "2018-05-01", DIRECT, "20000000.00", "20000000.00"),
    "stag": ("challenge", "2021-10-01", {**CHALLENGE, "milestone": "first", "audited_spend": "40000000.00"},
             "36000000.00", "3000000.00"),
    "loom": ("cloud_voucher", "2025-03-01", {
        "resident": True, "saas": True, "size": "medium", "contracts_year": "9000000.00", "base": "40000000.00",
        "spend_class": "domestic"}, "12000000.00", "8000000.00"),
    "cortex": ("talent", "2021-06-01", {**PERSON, "benefit": "interest", "loan": "100000000.00",
                                        "interest_paid": "5000000.00"}, "5000000.00", "200000.00"),
    "myth": ("loss_share", "2022-03-01", LOSS, "3000000.00", "0.00"),
}


def test_f02_six_firms_under_both_regimes(article, official):
    for city, column in ((article, 3), (official, 4)):
        for firm, history in HISTORIES.items():
            name, day, case = history[:3]
            story = city.play(name, firm, day, **case)
            assert story.paid == parse_money(history[column]), (city.regime, firm)
            assert story.decision.sentence("ko") != story.decision.sentence("zh")
        again = city.play("fund", "colt", "2026-03-01", "round B", **ROUND_B)
        assert again.paid == parse_money("150000000.00" if city is article else "60000000.00")
        spent = sum(balance.debits for code, balance in Books(city.connection).balances().items()
                    if code.startswith("budget:"))
        assert spent == sum(parse_money(history[column]) for history in HISTORIES.values()) + again.paid
