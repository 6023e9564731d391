"""A firm's bank account: proposed by one person, checked by another, and paid to only after it has cooled off.

The first account of a firm that is the one which the register has verified needs no cooling off; every later
one does, for a changed account is how payments are stolen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from westlake.database import Refused, rows_among, transaction
from westlake.desk.applying.speaking import on_file, speaking_among
from westlake.desk.cases import COLUMNS, Case
from westlake.desk.desk import Desk
from westlake.desk.panel.interests import conflicted_among, interests_of
from westlake.desk.paying.payment_order import Account, Payment, PaymentOrder, is_iban, write_order
from westlake.desk.people import EVERY, OUTSIDE, Person, people_of, roles_of
from westlake.desk.workflow import APPLICATION, TERMS
from westlake.errors import Place, Problem, WestlakeError
from westlake.register import Register

CHECKERS = ("officer", "approver", "payer")
_CLEARING = {"CN": "CNAPS", "KR": "KFTC"}  # whose member numbers are digits only, as a BIC never is
_FACT = "bank_account"
_TRIAL = Account("Trial", "1", "004", "KFTC")  # a debtor that is always of known form
_SELECT = ("SELECT b.id, b.firm, b.holder, b.account, b.bank, b.bank_code, b.country, b.person, b.at, c.person,"
           " c.usable_from, c.how FROM desk_bank b LEFT JOIN desk_bank_check c ON c.bank = b.id")
ACCOUNTS = f"{_SELECT} WHERE b.firm = ? ORDER BY b.id DESC"
UNCHECKED = f"{_SELECT} WHERE c.bank IS NULL ORDER BY b.id"


@dataclass(frozen=True)
class BankAccount:
    """A bank account as it stands. person: who proposed it; checked_by, usable_from (day), how: once it is checked."""

    id: int
    firm: str
    holder: str
    account: str
    bank: str
    bank_code: str
    country: str
    person: int
    at: int
    checked_by: int | None
    usable_from: int | None
    how: str | None

    @property
    def masked(self) -> str:
        """Its number with all but the last four signs hidden."""
        return masked(self.account)

    def as_ordered(self) -> Account:
        """As a payment order names it."""
        return ordered_account(self.holder, self.account, self.bank_code, self.country)


def masked(account: str) -> str:
    """An account's number as a page may show it: `•••• 4567`."""
    plain = re.sub(r"[\s-]", "", account)
    return f"•••• {plain[-4:]}" if len(plain) > 4 else "••••"


def ordered_account(holder: str, account: str, bank_code: str, country: str) -> Account:
    """An account for the payment order: by the country's clearing system where the bank has a number there, else by
    BIC."""
    plain = account.replace(" ", "") if is_iban(account.replace(" ", "")) else account
    scheme = _CLEARING.get(country, "BIC") if bank_code.isdecimal() else "BIC"
    return Account(holder, plain, bank_code, scheme, is_iban(plain))


def propose_account(desk: Desk, person: Person, firm: str, holder: str, account: str, bank: str, bank_code: str,
                    country: str) -> BankAccount:
    """Enter an account that nobody has checked; W949 and W950 for what no payment order could carry."""
    given = [text.strip() for text in (firm, holder, account, bank, bank_code.upper(), country.upper())]
    to = ordered_account(given[1], given[2], given[4], given[5])
    write_order(PaymentOrder("TRIAL", 0, "Trial", (Payment("TRIAL", 1, "CNY", 0, _TRIAL, to),)))
    for field, text in (("firm", given[0]), ("bank", given[3])):
        if not text or len(text) > 140:
            raise WestlakeError.one("W949", Place(field=field), name=field, length=len(text), limit=140, sign="–")
    with transaction(desk.connection):
        row = desk.connection.execute(
            "INSERT INTO desk_bank (firm, holder, account, bank, bank_code, country, person, at)"
            " VALUES (?,?,?,?,?,?,?,?) RETURNING id", (*given, person.id, desk.now())).fetchone()
        desk.record.add(person.actor, "desk.account_proposed", f"bank:{row[0]}", {"firm": given[0]},
                                    personal={"account": given[2], "holder": given[1]})
    return find_account(desk, row[0])


def check_account(desk: Desk, bank: int, person: Person, how: str, cool_off_days: int | None = None) -> BankAccount:
    """Another person has checked the account, and says how. It may be paid to once it has cooled off.

    W1011 when it is checked already, W1012 without a word on how, and what `why_not_check` says.
    """
    wait = TERMS["cool_off_days"] if cool_off_days is None else cool_off_days
    if not how.strip():
        raise WestlakeError.one("W1012", Place(field="how"))
    with transaction(desk.connection):
        found = find_account(desk, bank)
        if found.checked_by is not None:
            raise WestlakeError.one("W1011", firm=found.firm)
        problem = why_not_check(desk, found, person)
        if problem is not None:
            raise WestlakeError([problem])
        usable = desk.today() + (0 if _known_first(desk, found) else wait)
        try:
            desk.connection.execute("INSERT INTO desk_bank_check VALUES (?,?,?,?,?)",
                                    (bank, person.id, usable, how.strip(), desk.now()))
        except Refused as error:  # the schema says no, whoever asks
            raise WestlakeError.one("W1010", firm=found.firm) from error
        desk.record.add(person.actor, "desk.account_checked", f"bank:{bank}", {
            "firm": found.firm, "usable_from": usable, "how": how.strip()})
    return find_account(desk, bank)


def why_not_check(desk: Desk, found: BankAccount, person: Person) -> Problem | None:
    """What keeps a person from checking an account; nothing when they may.

    W1010 for whoever proposed it, W1159 for whoever confirmed that the proposer speaks for the firm, both also for who
    stands in for them, W1121 without a role for every programme that pays to it, W1122 with a conflict of interest.
    """
    confirmers = on_file(desk, [found.person]).confirmers(found.person, found.firm)
    held = [one for one in roles_of(desk.connection, person.id, desk.now()) if one.role in CHECKERS]
    own = {one.programme for one in held if one.standing_in_for not in {found.person, *confirmers}}
    cases = _handed_in(desk, found.firm)
    needed = {case.programme for case in cases if case.amount} or {case.programme for case in cases} or {EVERY}
    enough = EVERY in own or needed <= own
    selves = {person.id} if enough else {person.id, *(one.standing_in_for for one in held)}
    if found.person in selves:
        return Problem("W1010", values={"firm": found.firm})
    if confirmers & selves:
        return Problem("W1159", values={"firm": found.firm})
    if not enough:
        return Problem("W1121", values={"programmes": ", ".join(sorted(needed - own))})
    declared = any(one.firm == found.firm for one in interests_of(desk, person.id))
    if declared or person.firm == found.firm or conflicted_among(desk, person, cases):
        return Problem("W1122", values={"firm": found.firm})
    return None


def _handed_in(desk: Desk, firm: str) -> list[Case]:
    """A firm's applications, but for drafts: who may open one for themselves gains no say by it."""
    return [Case(*row) for row in desk.connection.execute(
        f"SELECT {COLUMNS} FROM desk_case WHERE firm = ? AND kind = ? AND submitted_at IS NOT NULL ORDER BY id",
        (firm, APPLICATION))]


def _known_first(desk: Desk, found: BankAccount) -> bool:
    """The firm's first checked account, and the very one that the register knows for more than declared."""
    earlier = desk.connection.execute(
        "SELECT 1 FROM desk_bank b JOIN desk_bank_check c ON c.bank = b.id WHERE b.firm = ?", (found.firm,)).fetchone()
    fact = Register(desk.connection).of([found.firm], desk.today()).get(found.firm, {}).get(_FACT)
    return (earlier is None and fact is not None and not fact.only_declared
            and re.sub(r"[\s-]", "", fact.value) == re.sub(r"[\s-]", "", found.account))


def find_account(desk: Desk, bank: int) -> BankAccount:
    """An account by number; W920 if there is none."""
    row = desk.connection.execute(f"{_SELECT} WHERE b.id = ?", (bank,)).fetchone()
    if row is None:
        raise WestlakeError.one("W920", what=f"bank account {bank}")
    return BankAccount(*row)


def accounts_among(desk: Desk, banks: Iterable[int]) -> dict[int, BankAccount]:
    """Several accounts by number, in one question."""
    return {row[0]: BankAccount(*row) for row in rows_among(
        desk.connection, f"{_SELECT} WHERE b.id IN ({{keys}})", sorted(set(banks)))}


def accounts_of(desk: Desk, firm: str) -> list[BankAccount]:
    """Every account of a firm, the latest first."""
    return [BankAccount(*row) for row in desk.connection.execute(ACCOUNTS, (firm,))]


def unchecked_accounts(desk: Desk) -> list[BankAccount]:
    """Every account that waits to be checked, the longest waiting first."""
    return [BankAccount(*row) for row in desk.connection.execute(UNCHECKED)]


def checked_accounts(desk: Desk, most: int) -> list[BankAccount]:
    """The accounts that somebody has checked, the latest entered first."""
    return [BankAccount(*row) for row in desk.connection.execute(
        f"{_SELECT} WHERE c.bank IS NOT NULL ORDER BY b.id DESC LIMIT ?", (most,))]


def account_for(desk: Desk, firm: str) -> BankAccount | None:
    """The account that a firm is paid to: the latest that is checked, has cooled off, and was entered by the office or
    by somebody who speaks for the firm today.

    Where none has, the one of these that will soonest; None where there is none.
    """
    found = [one for one in accounts_of(desk, firm) if one.usable_from is not None and vouched_for(desk, one)]
    ready = [one for one in found if one.usable_from is not None and one.usable_from <= desk.today()]
    return ready[0] if ready else min(found, key=lambda one: one.usable_from or 0, default=None)


def vouched_for(desk: Desk, found: BankAccount) -> bool:
    """Whether the office entered an account, or somebody who speaks for the firm today."""
    return bool(vouched_among(desk, [found]))


def vouched_among(desk: Desk, found: Sequence[BankAccount]) -> set[int]:
    """Of some accounts those that the office entered, or somebody who speaks for the firm today, by number."""
    people = people_of(desk.connection, {one.person for one in found})
    speaking = speaking_among(desk, [(people[one.person], one.firm) for one in found if one.person in people])
    left = [one for one in found if one.person in people and (one.person, one.firm) not in speaking]
    papers = on_file(desk, {one.person for one in left})
    office = {one.id for one in left if not papers.was_confirmed(one.person, one.firm) and any(
        held.role not in OUTSIDE for held in roles_of(desk.connection, one.person, one.at))}
    return {one.id for one in found if (one.person, one.firm) in speaking} | office
