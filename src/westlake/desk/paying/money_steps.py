"""Guards and effects that touch money: promises held against the budget, what is earned, what comes free again.

What was said counts only where the row asks for it. Each effect writes its journals in the step's own
transaction and tells their numbers, so that the step, its act and the money stand or fall together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from westlake.dates import iso
from westlake.desk.acting import acting_for
from westlake.desk.applying.deciding import decide, decide_case, known_of, last_decision
from westlake.desk.cases import Case, find_case, open_following, root_of, steps_of
from westlake.desk.desk import Desk
from westlake.desk.moment import Moment
from westlake.desk.outbox import write_letter
from westlake.desk.paying import budgets, payments, recovering
from westlake.desk.paying.agreement import agreement_of, parts_of_award
from westlake.desk.paying.bank_accounts import account_for, accounts_of
from westlake.desk.paying.budgets import MILESTONE, PARTS, funds, held_for
from westlake.desk.people import find_person
from westlake.desk.seals import seal_decision
from westlake.desk.workflow import Step
from westlake.errors import Place, Problem, WestlakeError
from westlake.money import allocate, format_money

AMOUNT_MAX = 10**15


def said_amount(moment: Moment) -> int | None:
    """The amount that the row asks for, in minor units; None where it asks for none. W969 for what is not one."""
    if "amount" not in moment.step.asks:
        return None
    said = moment.said.get("amount")
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said <= AMOUNT_MAX:
        raise WestlakeError.one("W969", Place(field="amount"), name="amount")
    return said


def money(moment: Moment, amount: int) -> str:
    """An amount as people read it."""
    return format_money(amount, moment.case.currency, sign=True)


def tell(moment: Moment, journal: int, **more: object) -> None:
    """Tell the number of a journal that this step posted, and what it did."""
    journals = moment.told.setdefault("journals", [])
    assert isinstance(journals, list)
    journals.append(journal)
    moment.told |= more


# Guards ----------------------------------------------------------------------------------------------------


def budget_left(moment: Moment) -> Problem | None:
    """What would be promised still fits the budget of the programme's year."""
    root = root_of(moment.desk, moment.case)
    if last_decision(moment.desk, root) is None:
        return Problem("W924")
    said = moment.said.get("amount") if "amount" in moment.step.asks else None
    wanted = said if isinstance(said, int) else min(most_of(moment.desk, root), _chosen_amount(moment, root))
    return budgets.too_much(moment.desk, root, wanted)


def account_usable(moment: Moment) -> Problem | None:
    """The firm has a bank account that another person has checked and that has cooled off, of somebody who speaks for
    it still."""
    found = account_for(moment.desk, moment.case.firm)
    if found is None:
        checked = [one for one in accounts_of(moment.desk, moment.case.firm) if one.checked_by is not None]
        if checked:
            return Problem("W1164", values={"firm": moment.case.firm, "account": checked[0].masked})
        return Problem("W1008", values={"firm": moment.case.firm})
    if found.usable_from is not None and found.usable_from > moment.today:
        return Problem("W1009", values={"firm": moment.case.firm, "day": iso(found.usable_from)})
    return None


def payable_left(moment: Moment) -> Problem | None:
    """Something of what the case has earned is still due to the firm."""
    left = payments.payable_for(moment.desk, moment.case)
    return None if left > 0 else Problem("W1007", values={"number": moment.case.number})


def set_off(moment: Moment) -> Problem | None:
    """Nothing is due for the case any more: all that it earned was set against what the firm owes."""
    left = payments.payable_for(moment.desk, moment.case)
    return Problem("W1005", values={"number": moment.case.number, "amount": money(moment, left)}) if left else None


def repaid(moment: Moment) -> Problem | None:
    """Nothing of what was asked back is still owed."""
    owed = recovering.owed(moment.desk, moment.case)
    return Problem("W1025", values={"number": moment.case.number, "amount": money(moment, owed)}) if owed else None


def nothing_held(moment: Moment) -> Problem | None:
    """Nothing is held for the case any more."""
    held = held_for(moment.desk, moment.case)
    return Problem("W1026", values={"number": moment.case.number, "amount": money(moment, held)}) if held else None


# Effects: what is promised ------------------------------------------------------------------------------------


def promise(moment: Moment) -> None:
    """Promise what the rules give, what the case was chosen with, or what was said; never more than the rules give."""
    root = root_of(moment.desk, moment.case)
    if funds(moment.desk, root).held:
        raise WestlakeError.one("W1003", number=root.number)
    most, said = most_of(moment.desk, root), said_amount(moment)
    if said is not None and said > most:
        raise WestlakeError.one("W1002", Place(field="amount"), amount=money(moment, said), most=money(moment, most))
    amount = min(most, _chosen_amount(moment, root)) if said is None else said
    if amount <= 0:
        raise WestlakeError.one("W1004", number=root.number)
    tell(moment, budgets.promise(moment.desk, moment.case, root, amount), amount=amount)
    moment.changes["amount"] = amount


def most_of(desk: Desk, root: Case) -> int:
    """What the rules give at most, by the last decision on the application; W924 before there is one."""
    found = last_decision(desk, root)
    if found is None:
        raise WestlakeError.one("W924")
    if not found.eligible:
        return 0
    return found.claim if desk.offered(root.programme).workflow.award == "claim" else found.entitlement


def _chosen_amount(moment: Moment, root: Case) -> int:
    """With how much the last selection chose the case, or a later override of it; no bound where none did."""
    row = moment.desk.connection.execute(
        "SELECT p.chosen, p.amount, r.id FROM desk_place p JOIN desk_run r ON r.id = p.run WHERE p.case_id = ?"
        " AND r.kind = 'selection' ORDER BY r.id DESC LIMIT 1", (root.id,)).fetchone()
    if row is None:
        return AMOUNT_MAX
    later = moment.desk.connection.execute(
        "SELECT chosen, amount FROM desk_override WHERE run = ? AND case_id = ? ORDER BY seq DESC LIMIT 1",
        (row[2], root.id)).fetchone()
    chosen, amount = later or row[:2]
    return amount if chosen and amount > 0 else AMOUNT_MAX


def milestones(moment: Moment) -> None:
    """Open a case for each part of the award, or one for the whole, each due on its day; the parts make it exactly."""
    desk, root, declared = moment.desk, moment.case, moment.workflow.milestones
    planned = parts_of_award(desk, root)
    if budgets.parts_of(desk, root):
        raise WestlakeError.one("W1003", number=root.number)
    parts: dict[str, int] = {}
    for part in planned:
        opened = open_following(desk, moment.person, root, MILESTONE, part.choice or root.title, part.amount, part.due)
        if part.choice:
            desk.connection.execute(
                "INSERT INTO desk_fact (case_id, name, value, assurance, source, person, at) VALUES (?,?,?,?,?,?,?)",
                (opened.id, declared.input, part.choice, "verified", "office", moment.person.id, moment.at))
        parts[str(opened.id)] = part.amount
    moment.told[PARTS] = parts


def sign(moment: Moment) -> None:
    """The agreement is signed as it was shown (`agreement`: its digest, where a page showed it; W998 once it is
    another); the applicant gets its text as a letter."""
    made = agreement_of(moment.desk, moment.case)
    reader = find_person(moment.desk.connection, acting_for(moment.desk, moment.case))
    if moment.said.get("agreement") not in (None, made.digest):
        raise WestlakeError.one("W998", number=moment.case.number)
    assert reader is not None, "who acts for a case is a person of the desk"
    moment.told |= {"agreement": made.digest, "letter": write_letter(
        moment.desk, moment.case, "agreement", {"note": made.text[reader.language]}, released=True)}


def adjust_promise(moment: Moment) -> None:
    """Promise more or less in all: what was said, or what the case that brought this about is for.

    Never more than the rules give, never less than is earned already; the difference goes to, or comes from,
    the milestones that are still open, in proportion, once what could not be promised again is made up for.
    """
    desk, root = moment.desk, root_of(moment.desk, moment.case)
    found, most, amount = funds(desk, root), most_of(moment.desk, root), _new_amount(moment)
    if amount > most:
        raise WestlakeError.one("W1002", Place(field="amount"), amount=money(moment, amount), most=money(moment, most))
    change = amount - found.held - found.earned
    holders = budgets.open_parts(desk, root) if budgets.parts_of(desk, root) else [(root, found.held)]
    missing = budgets.not_promised(desk, root)
    if amount < found.earned or not (missing or (found.held > 0 and holders)):
        raise WestlakeError.one("W1027", Place(field="amount"), number=root.number, earned=money(moment, found.earned))
    made_up = budgets.make_up(missing, change)
    among = holders or missing
    rest = allocate(change - sum(made_up.values()), [part for _, part in among])
    shares = {holder.id: part for (holder, _), part in zip(among, rest, strict=True)}
    for holder in {one.id: one for one, _ in (*missing, *holders)}.values():
        part = shares.get(holder.id, 0) + made_up.get(holder.id, 0)
        if part > 0:
            tell(moment, budgets.promise(desk, moment.case, holder, part))
        elif part < 0:
            tell(moment, budgets.release(desk, moment.case, holder, -part))
    if made_up:
        moment.told[budgets.MADE_UP] = {str(holder): part for holder, part in made_up.items()}
    moment.changes["amount"] = amount
    moment.told |= {"amount": amount, "change": change}


def _new_amount(moment: Moment) -> int:
    """Said to the row itself, or, where the system takes it, asked by the case that brings it about."""
    said = said_amount(moment)
    cause = moment.said.get("because_of")
    if said is None and isinstance(cause, int):
        said = find_case(moment.desk, cause).amount
    if not said:
        raise WestlakeError.one("W969", Place(field="amount"), name="amount")
    return said


# Effects: what is earned, and what comes free ---------------------------------------------------------------


def tranche(moment: Moment) -> None:
    """Decide the milestone on what was found of it: its amount is what the rules give now, never more than is held."""
    stored = decide_case(moment.desk, moment.case, moment.today)
    held = held_for(moment.desk, moment.case)
    amount = min(stored.entitlement, held) if stored.eligible else 0
    moment.changes["amount"] = amount
    moment.told |= {"decision": stored.id, "sealed": seal_decision(moment.desk.connection, stored.id),
                    "entitlement": stored.entitlement, "held": held, "amount": amount}


def earn(moment: Moment) -> None:
    """What the case earned becomes due to the firm; the rest of what was held for it comes free.

    It is what `tranche` found in the same step, or else what is held, as far as the last decision on the application
    still gives it. W1006 when that is nothing.
    """
    amount = moment.changes.get("amount", left_of(moment.desk, moment.case).posted)
    assert isinstance(amount, int), "an amount is whole minor units"
    if amount <= 0:
        raise WestlakeError.one("W1006", number=moment.case.number)
    tell(moment, budgets.earn(moment.desk, moment.case, amount), earned=amount)
    moment.changes["amount"] = amount


@dataclass(frozen=True)
class Earning:
    """What a step would make of the money held for a case, in minor units. given: by the rules; None where they give
    all that is held."""

    held: int
    given: int | None

    @property
    def posted(self) -> int:
        """What becomes due to the firm."""
        return self.held if self.given is None else min(self.given, self.held)

    @property
    def freed(self) -> int:
        """What of the hold comes free."""
        return self.held - self.posted


def would_earn(desk: Desk, case: Case, step: Step) -> Earning | None:
    """What a step would earn if it were taken now, by `tranche` and `earn`; None for one that earns nothing."""
    effects = {use.name for use in step.effects}
    if "earn" not in effects:
        return None
    held = held_for(desk, case)
    if "tranche" not in effects:
        return left_of(desk, case)
    offered, today = desk.offered(case.programme), desk.today()
    values, roles = decide(desk, offered, known_of(desk, case, today), today).values, offered.terms.decides
    return Earning(held, max(values[roles["entitlement"]], 0) if values[roles["eligible"]] else 0)


def left_of(desk: Desk, case: Case) -> Earning:
    """What of the money held for a part of an award the last decision on the application still gives: what it gives in
    all, without what other parts have earned."""
    root = root_of(desk, case)
    held, left = held_for(desk, case), max(most_of(desk, root) - funds(desk, root).earned, 0)
    return Earning(held, left if left < held else None)


def release_rest(moment: Moment) -> None:
    """All that is still held for the case comes free. What an application was promised then is what it earned."""
    desk, case = moment.desk, moment.case
    held = held_for(desk, case)
    if held:
        tell(moment, budgets.release(desk, case, case, held))
    moment.told["released"] = held
    if case.parent is None:
        moment.changes["amount"] = funds(desk, case).earned
    elif held:
        moment.changes["amount"] = 0


def promise_again(moment: Moment, name: str) -> None:
    """What the case's last step of this name released is promised once more: `{promise_again: terminate}`, where that
    step did not stand. As far as the budget has it: a decision that does not stand does not wait for money. What is
    not promised is told, and is the first to be made up for when the promise is adjusted."""
    desk, case = moment.desk, moment.case
    released = next((one.data.get("released") for one in reversed(steps_of(desk, case)) if one.name == name), 0)
    if not isinstance(released, int) or not released:
        return
    amount = budgets.promise_left(desk, root_of(desk, case), released)
    if amount:
        tell(moment, budgets.promise(desk, case, case, amount))
    moment.told["promised_again"] = amount
    if amount < released:
        moment.told[budgets.NOT_PROMISED] = released - amount
    found = funds(desk, case)
    moment.changes["amount"] = found.held + found.earned if case.parent is None else amount


# Effects: what is paid, and what comes back -----------------------------------------------------------------


def order_payment(moment: Moment, checked: str) -> None:
    """Ask that what the case earned be paid: `{order_payment: check}` names the step whose taker checked it."""
    _order(moment, payments.checker(moment, checked))


def order_settled(moment: Moment) -> None:
    """Ask that what a settled round gave a firm be paid; whoever opened the case has checked it."""
    _order(moment, payments.opener(moment))


def _order(moment: Moment, checked_by: int) -> None:
    made = payments.order(moment, checked_by)
    tell(moment, made.journal, payment=made.id, attempt=made.attempt, amount=made.amount, checked_by=checked_by)


def book_recovery(moment: Moment) -> None:
    """What was said, what the case is for, or what the programme's rule `recovery` gives is owed back.

    What the firm is due is set against it at once; the rest is due on the day that the terms give.
    """
    amount = recovering.amount_of(moment, said_amount(moment))
    tell(moment, recovering.book(moment.desk, moment.case, amount), amount=amount)
    moment.told["repay_by"] = recovering.repay_by(moment)
    moment.changes |= {"amount": amount, "due": moment.told["repay_by"]}
    offset(moment)


def offset(moment: Moment) -> None:
    """Set what the firm is due and nobody has ordered to be paid against what this case asks back."""
    journal, amount = recovering.set_off(moment.desk, moment.case)
    moment.told["set_off"] = amount
    if journal:
        tell(moment, journal, owed=recovering.owed(moment.desk, moment.case))
        _end_due(moment)


def _end_due(moment: Moment) -> None:
    """Nothing is due any more once all came back."""
    if not recovering.owed(moment.desk, moment.case):
        moment.changes["due"] = None


def repay(moment: Moment) -> None:
    """The firm has paid back what was said (`amount`), under the bank's own reference (`evidence`)."""
    amount, reference = said_amount(moment) or 0, str(moment.said.get("evidence", "")).strip()
    for name, given in (("amount", amount), ("evidence", reference)):
        if not given:
            raise WestlakeError.one("W969", Place(field=name), name=name)
    tell(moment, recovering.repay(moment.desk, moment.case, amount, reference), repaid=amount)
    moment.told["owed"] = recovering.owed(moment.desk, moment.case)
    _end_due(moment)


def write_off(moment: Moment) -> None:
    """What is still owed is given up; the table sees to it that two persons agree."""
    owed = recovering.owed(moment.desk, moment.case)
    if not owed:
        raise WestlakeError.one("W1022", number=moment.case.number, most=money(moment, 0))
    tell(moment, recovering.write_off(moment.desk, moment.case), written_off=owed)


def cancel_owed(moment: Moment) -> None:
    """What was asked back wrongly is owed no more; what was set off or repaid of it is due to the firm again."""
    journals, due_again = recovering.cancel(moment.desk, moment.case)
    for journal in journals:
        tell(moment, journal, due_again=due_again)
    moment.changes["due"] = None


GUARDS: dict[str, Callable[..., Problem | None]] = {guard.__name__: guard for guard in (
    budget_left, account_usable, payable_left, set_off, repaid, nothing_held)}
EFFECTS: dict[str, Callable[..., None]] = {effect.__name__: effect for effect in (
    promise, sign, milestones, adjust_promise, tranche, earn, release_rest, order_payment, order_settled, book_recovery,
    offset, repay, write_off, cancel_owed, promise_again)}
