"""The books as a child would keep them: a list of what was accepted, added up anew for every question.

Written without the ledger's ideas (no running balances, no closings, no order of indexes), so that
agreement with it means something.
"""

from dataclasses import dataclass, field

from westlake.ledger import Journal, Transfer


@dataclass
class Model:
    """rules: code → (currency, rule); periods: (first, last) → closed?"""

    rules: dict
    periods: dict
    accepted: list = field(default_factory=list)  # (journal, recorded_at)

    def sums(self, code, keep=lambda journal, at: True, more=()):
        """debits, credits, held debits, held credits of one account."""
        legs = [leg for journal, at in self.accepted if keep(journal, at) for leg in journal.transfers] + list(more)
        signs = {"post": (1, 0), "hold": (0, 1), "release": (0, -1)}
        return tuple(sum(leg.amount * signs[leg.phase][kind] for leg in legs if getattr(leg, side) == code)
                     for kind in (0, 1) for side in ("debit", "credit"))

    def answer(self, journal):
        """"again", "ok", or the code of the refusal."""
        for first, _ in self.accepted:
            if first.idem == journal.idem:
                return "again" if first == journal else "W502"
        if journal.reverses is not None and any(journal.reverses == other.reverses for other, _ in self.accepted):
            return "W509"
        for count, leg in enumerate(journal.transfers, 1):
            if self.rules[leg.debit][0] != self.rules[leg.credit][0]:
                return "W505"
            if leg.debit == leg.credit:
                return "W516"
            for code in (leg.debit, leg.credit):
                debits, credits, held_debits, held_credits = self.sums(code, more=journal.transfers[:count])
                if min(held_debits, held_credits) < 0:
                    return "W504"
                rule = self.rules[code][1]
                if (rule == "credit" and debits + held_debits > credits) or (
                        rule == "debit" and credits + held_credits > debits):
                    return "W503"
        closed = [closed for (first, last), closed in self.periods.items() if first <= journal.day <= last]
        return "W506" if not closed else "W507" if closed == [True] else "ok"

    def post(self, journal, at):
        said = self.answer(journal)
        if said == "ok":
            self.accepted.append((journal, at))
        return said

    def undo(self, number, idem, day):
        """The journal that reverses an accepted one."""
        turn = {"hold": "release", "release": "hold"}
        legs = [Transfer(leg.debit, leg.credit, leg.amount, turn[leg.phase]) if leg.phase in turn
                else Transfer(leg.credit, leg.debit, leg.amount)
                for leg in self.accepted[number - 1][0].transfers]
        return Journal(idem, day, "reversal", "", tuple(legs[::-1]), reverses=number)
