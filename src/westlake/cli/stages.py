"""Plays an office's people up to a stage of a call: open for applications, under review, or with money paid.

Everything goes through the desk as people would do it, on a clock that starts in the past; only the log-ins
are made directly. All names are invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from westlake.chance import stream
from westlake.database import Connection, transaction
from westlake.dates import MICROS_PER_DAY, iso, now_us, year_of
from westlake.desk import files, people, steps
from westlake.desk.applying.deciding import last_decision
from westlake.desk.applying.drafting import save_answers
from westlake.desk.asking import is_asked
from westlake.desk.calls import MINUTE_US, Call, change_call, plan_call
from westlake.desk.cases import Case, find_case, following, open_application
from westlake.desk.desk import Desk, Offered
from westlake.desk.outbox import letters, move_letter
from westlake.desk.panel import assigning, choosing, notices, reviewing, standing
from westlake.desk.paying import bank_accounts, bank_lines, batches, payments
from westlake.desk.paying.budgets import appropriated
from westlake.desk.paying.payment_order import Account, plain_amount
from westlake.desk.people import Held, Person
from westlake.ledger import Books
from westlake.register import Register
from westlake.rules import load_programme
from westlake.settlement.budget import open_budget
from westlake.settlement.terms import read_terms
from westlake.workspace import Workspace

STAGES = ("open", "review", "paid")
DAYS_AGO = {"open": 20, "review": 45, "paid": 120}  # when the call opened
CALL_DAYS = 30
APPLICANTS, REVIEWERS = 300, 40
_CAST = yaml.safe_load(Path(__file__).with_name("stages.yaml").read_text("utf-8"))
OPEN_SINCE, TALENTS = 10, 30  # days; applicants to the second call
LOAD = 24  # cases a reviewer
WAITING = 4  # talents admitted in the last days, whose letters the officer has still to read
A_WHILE = 0.01  # days between what two people do, or one with two cases: some minutes
DEBTOR = Account("Innovation Office", "3301000000000001", "102331000002", "CNAPS")
_NOTE = "–"


class Clock:
    """The demo's own time: it starts in the past and never runs past the present."""

    def __init__(self, at: int) -> None:
        self.at, self.last = at, now_us()

    def __call__(self) -> int:
        self.at = min(self.at + 1, self.last)
        return self.at

    def wait(self, days: float) -> None:
        self.at = min(self.at + int(days * MICROS_PER_DAY), self.last)


class Play:
    """An office with its people and one call of the challenge list, played step by step."""

    def __init__(self, workspace: Workspace, connection: Connection, stage: str, seed: int) -> None:
        self.workspace, self.connection, self.stage, self.seed = workspace, connection, stage, seed
        self.clock = Clock(now_us() - DAYS_AGO[stage] * MICROS_PER_DAY)
        self.offers: dict[str, Offered] = {}
        self.desk = Desk(connection, self._offer, workspace.settings.zone, self.clock)
        self.staff: dict[str, Person] = {}
        self.applicants: dict[str, Person] = {}
        self.reviewers: list[Person] = []
        self.luck = stream(seed, "desk")

    def _offer(self, name: str) -> Offered:
        if name not in self.offers:
            folder = next(self.workspace.programmes.glob(f"*/{name}"))
            programme = load_programme(folder, regime=self.workspace.settings.regime)
            self.offers[name] = Offered(programme, steps.read_table(programme), read_terms(programme))
        return self.offers[name]

    def play(self) -> None:
        """Play up to the stage; all of it commits together."""
        with transaction(self.connection):
            self.cast()
            call = self.call("challenge", "CH")
            firms = list(self.applicants)
            for place, firm in enumerate(firms):
                self.clock.wait(CALL_DAYS * 0.6 / len(firms))
                self.apply(call, firm, submit=place % 10 != 9)
            if self.stage != "open":
                self.review(call, 0.9 if self.stage == "review" else 1.0)
            if self.stage == "paid":
                self.choose(call)
                self.pay(call)
            self.send()
            self._wait_until(self.clock.last - OPEN_SINCE * MICROS_PER_DAY)
            talent = self.call("talent", "TL")  # whatever the stage, somebody can still apply for something
            for firm in firms[:TALENTS]:
                self.clock.wait(OPEN_SINCE * 0.9 / TALENTS)
                self.apply_talent(talent, firm)
            self.admit_first(talent)

    def admit_first(self, call: Call) -> None:
        """The first applications are admitted; their letters still wait to be read."""
        admitted = 0
        for case in self._in_state(call, "submitted"):
            self.clock.wait(A_WHILE)
            if admitted < WAITING and not self._problem(case, "admit", self.staff["officer"]):
                self.take(case, "admit", self.staff["officer"])
                admitted += 1

    def send(self) -> None:
        """The officer has let the first call's letters go, all of them; they went long ago."""
        for letter in letters(self.desk, state="draft", limit=10_000):
            move_letter(self.desk, letter.id, self.staff["officer"], "draft", "released")
        self.connection.execute("UPDATE desk_message SET state = 'sent' WHERE state = 'released'")

    # the cast ------------------------------------------------------------------------------------

    def cast(self) -> None:
        """Enter the office's people, the reviewers and one speaker for each firm."""
        for role, one in _CAST["staff"].items():
            person = people.add_person(self.connection, one["name"], one["email"], one["organisation"], one["language"],
                                       at=self.clock())
            people.grant_role(self.connection, person.id, one.get("role", role), at=self.clock())
            self.staff[role] = person
        for number in range(REVIEWERS):
            lang = ("ko", "zh", "en")[number % 3]
            person = people.add_person(
                self.connection, self._name(lang, number), f"reviewer{number + 1}@panel.example",
                _CAST["organisations"][number % len(_CAST["organisations"])], lang, at=self.clock())
            people.grant_role(self.connection, person.id, "reviewer", at=self.clock())
            self.reviewers.append(person)
        firms = Register(self.connection).on(self.desk.today())
        for number, firm in enumerate(sorted(firms)[:APPLICANTS]):
            lang = ("ko", "zh", "en")[number % 3]
            person = people.add_person(self.connection, self._name(lang, number + 100), f"{firm.lower()}@firms.example",
                                       firms[firm]["name"].value if "name" in firms[firm] else firm, lang, firm,
                                       self.clock())
            people.grant_role(self.connection, person.id, "applicant", at=self.clock(), firm=firm)
            self.applicants[firm] = person

    def _name(self, lang: str, number: int) -> str:
        family, given = _CAST["surnames"][lang], _CAST["given"][lang]
        first, last = given[number * 7 % len(given)], family[number // 3 % len(family)]
        return f"{first} {last}" if lang == "en" else f"{last}{first}"

    # acting --------------------------------------------------------------------------------------

    def take(self, case: Case, step: str, person: Person, factor_at: int = 0, **said: object) -> Case:
        """Take a step as the case now stands."""
        roles = people.roles_of(self.connection, person.id, self.clock())
        return steps.take(self.desk, find_case(self.desk, case.id), step, person, roles, said, factor_at).case

    def _problem(self, case: Case, step: str, person: Person) -> bool:
        roles = people.roles_of(self.connection, person.id, self.clock())
        return any(one.step.name == step and one.problem is not None
                   for one in steps.possible(self.desk, find_case(self.desk, case.id), person, roles))

    def call(self, programme: str, code: str) -> Call:
        """Plan and announce a call that opens now."""
        officer = self.staff["officer"]
        now = self.clock() // MINUTE_US * MINUTE_US
        year = year_of(self.desk.today())
        words = {name: {lang: text.format(year=year) for lang, text in texts.items()}
                 for name, texts in _CAST["calls"][programme].items()}
        ends = now + CALL_DAYS * MICROS_PER_DAY
        phases = [{"name": "review", "first": ends, "last": ends + 14 * MICROS_PER_DAY,
                   "hides": ["other_reviews", "scores", "reviewers"]}]
        call = plan_call(self.desk, officer, programme, f"{code}-{year}", year, now, ends, {
            **words, "budget": self._budget(programme), "phases": phases, "reviewer_load": LOAD})
        offered = self._offer(programme)  # an open call promises money that is there
        open_budget(Books(self.connection), offered.programme, offered.terms, year, self.desk.today(),
                    appropriated(self.desk, programme, year))
        return change_call(self.desk, call, officer, _NOTE, announced=True)

    def _budget(self, programme: str) -> int:
        offered = self._offer(programme)
        return offered.programme.value_on(offered.terms.budget_value, self.desk.today()).number

    def apply(self, call: Call, firm: str, submit: bool) -> Case:
        """One firm's application to the challenge list."""
        person = self.applicants[firm]
        sector = self._sector(firm)
        case = open_application(self.desk, person, call, firm)
        spend = int(self.luck.lognormal(14.6, 0.7)) // 10_000 * 10_000 + 300_000
        save_answers(self.desk, case, person, Held("applicant", "*", firm), {
            "title": _CAST["projects"][sector][person.language], **_proposal(sector, person.language, spend),
            "project_class": "competitive" if self.luck.random() < 0.8 else "designed",
            "planned_spend": f"{spend}.00", "higher_funding": f"{spend // 5 * (self.luck.random() < 0.3)}.00",
            "advance_declared": "true"})
        return self.take(case, "submit", person) if submit else find_case(self.desk, case.id)

    def apply_talent(self, call: Call, firm: str) -> Case:
        """A founder's application to the talent package."""
        person = self.applicants[firm]
        case = open_application(self.desk, person, call, firm)
        origin = ("local_graduate", "outsider", "overseas_chinese", "foreigner")[int(self.luck.integers(4))]
        written = {
            "title": _CAST["package"][person.language], "person": f"P-{firm}", "benefit": "startup", "origin": origin,
            "degree": ("bachelor", "master", "doctor")[int(self.luck.integers(3))], "founder": "true",
            "largest_holder": "true" if self.luck.random() < 0.9 else "false",
            "spend": f"{int(self.luck.integers(5, 400)) * 10_000}.00"}
        routes = self._offer(call.programme).workflow.asked_when  # nobody answers what their route does not ask
        save_answers(self.desk, case, person, Held("applicant", "*", firm), {
            name: text for name, text in written.items() if is_asked(routes, name, written)})
        return self.take(case, "submit", person) if self.luck.random() < 0.8 else find_case(self.desk, case.id)

    def _sector(self, firm: str) -> str:
        facts = Register(self.connection).of([firm], self.desk.today()).get(firm, {})
        return facts["sector"].value if "sector" in facts else "AI"


    def review(self, call: Call, done: float) -> None:
        """Close the call, look at what came in, assign reviewers, and let a share of the reviews be written."""
        officer = self.staff["officer"]
        self._wait_until(call.corrects_until)
        for case in self._in_state(call, "submitted"):
            found = last_decision(self.desk, case)
            self.take(case, "admit" if found is not None and found.eligible else "refuse", officer)
        answers = ("dismiss", "uphold", "") if self.stage == "review" else ("dismiss",)
        self.appeal(self._in_state(call, "refused"), self.staff["chair"], answers)
        reviewing.invite(self.desk, call, officer, [one.id for one in self.reviewers], load=LOAD)
        for place, person in enumerate(self.reviewers):
            topics = f"{_CAST['topics'][place % 6]}, {_CAST['topics'][(place + 1) % 6]}"
            reviewing.answer_invitation(self.desk, call, person, place % 13 != 12, _NOTE, topics)
        assigning.apply_assignment(self.desk, assigning.assign(self.desk, call, officer, self.seed), officer)
        merit = {case.id: self.luck.normal(6.6, 1.3) for case in self._in_state(call, "eligible")}
        for place, person in enumerate(self.reviewers):
            severity = self.luck.normal(0, 0.7)
            roles = people.roles_of(self.connection, person.id, self.clock())
            for task in reviewing.assignments_of(self.desk, person, roles, call):
                self.clock.wait(0.02)
                if self.luck.random() < done:
                    self._review(task.case, person, roles, merit[task.case.id] + severity, place)

    def _review(self, case: Case, person: Person, roles: Iterable[Held], mean: float, place: int) -> None:
        criteria = self._offer(case.programme).workflow.criteria
        points = {one.name: int(min(max(round(self.luck.normal(mean, 0.8)), 0), one.most)) for one in criteria}
        remark = _CAST["remarks"][person.language]
        reviewing.submit_review(self.desk, case, person, roles, points, 3 + place % 3, remark[place % len(remark)])

    def choose(self, call: Call) -> None:
        """Bring the reviewed before the panel, select under the budget, and make it known."""
        chair = self.staff["chair"]
        for case in self._in_state(call, "eligible"):
            self.take(case, "to_panel", chair)
        choosing.rank(self.desk, call, chair, self.seed)
        run = choosing.select(self.desk, call, chair, self.seed)
        for one in standing.places(self.desk, run):
            self.take(one.case, "select" if one.chosen else "reject", chair)
        notices.publish(self.desk, call, chair, run)
        self.appeal(self._in_state(call, "not_selected"), self.staff["deputy"], ("dismiss", "uphold", ""))
        self.clock.wait(call.number("objection_days") + 1)

    def appeal(self, cases: list[Case], judge: Person, answers: Iterable[str]) -> None:
        """Some who were turned down appeal; another than who decided answers, or it waits where no answer is named."""
        for case, answer in zip(cases, answers, strict=False):
            speaker = self._speaker(case)
            self.take(case, "appeal", speaker, note=_CAST["appeals"][speaker.language]["says"])
            self.clock.wait(0.5)
            if answer:
                ended = {"dismiss": "dismissed", "uphold": "upheld"}[answer]
                self.take(following(self.desk, case, "appeal")[-1], answer, judge,
                          note=_CAST["appeals"][speaker.language][ended])

    def pay(self, call: Call) -> None:
        """Award, agree, and pay the first milestones: checked, approved, ordered, released, confirmed by the bank."""
        officer, approver, payer = (self.staff[role] for role in ("officer", "approver", "payer"))
        chosen = [case for case in self._in_state(call, "selected")
                  if not self._problem(case, "award", approver)]  # the others wait: a key fact is only declared
        for case in chosen:
            self._bank_account(case)
            self.clock.wait(A_WHILE)
            self.take(case, "award", approver)
            self.clock.wait(A_WHILE)
            self.take(case, "agree", self._speaker(case))
        self.clock.wait(10)
        for place, case in enumerate(chosen):
            first = following(self.desk, case, "milestone")[0]
            if place % 4 == 3:
                continue
            files.hand_in(self.desk, self.workspace.files, first, self._speaker(case), "evidence",
                          "evidence.pdf", b"%PDF-1.4\n% The evidence of an invented milestone.\n%%EOF\n")
            self.take(first, "hand_in", self._speaker(case), note=_CAST["remarks"]["en"][0])
            if place % 4 == 2:
                continue
            self.clock.wait(A_WHILE)
            self.take(first, "check", officer, amount=case.asked, note=_NOTE)
            self.clock.wait(A_WHILE)
            self.take(first, "approve", approver)
            if place % 4 == 0:
                self.take(first, "order", approver)
        waiting = [one.id for one in payments.waiting(self.desk)]
        if waiting:
            batch = batches.make_batch(self.desk, payer, self.desk.today(), waiting, DEBTOR)
            batches.release_batch(self.desk, batch.id, payer, self.clock())
            self.clock.wait(1)
            bank_lines.import_statement(self.desk, payer, self._statement(batch.id), "statement.csv",
                                        currency=call.currency)

    def _statement(self, batch: int) -> bytes:
        """What the bank would send back: every payment booked today."""
        day = iso(self.desk.today())
        rows = [f"{one.reference},{plain_amount(one.amount, one.currency)},{day},B{one.id:08d},debit,booked"
                for one in payments.payments(self.desk, batch=batch)]
        return ("reference,amount,day,bank_reference,credit_debit,status\n" + "\n".join(rows) + "\n").encode()

    def _bank_account(self, case: Case) -> None:
        if bank_accounts.account_for(self.desk, case.firm) is None:
            facts = Register(self.connection).of([case.firm], self.desk.today()).get(case.firm, {})
            account = facts["bank_account"].value if "bank_account" in facts else f"CN{case.id:016d}"
            name = facts["name"].value if "name" in facts else case.firm
            found = bank_accounts.propose_account(self.desk, self._speaker(case), case.firm, name, account,
                                                  "Qiantang Bank", "102331000001", "CN")
            bank_accounts.check_account(self.desk, found.id, self.staff["officer"], _NOTE)

    def _speaker(self, case: Case) -> Person:
        return self.applicants[case.firm]

    def _in_state(self, call: Call, state: str) -> list[Case]:
        rows = self.connection.execute("SELECT id FROM desk_case WHERE call = ? AND kind = 'application' AND state = ?"
                                       " ORDER BY id", (call.id, state)).fetchall()
        return [find_case(self.desk, number) for number, in rows]

    def _wait_until(self, at: int) -> None:
        self.clock.at = min(max(self.clock.at, at), self.clock.last)


def _proposal(sector: str, lang: str, spend: int) -> dict[str, str]:
    """What an invented applicant writes for the reviewers, its figures as large as the project."""
    months, people = 18 + spend // 10_000 % 4 * 3, 6 + spend // 10_000 % 17
    figures = {"months": months, "first": months // 3, "second": months * 2 // 3, "people": people, "half": people // 2,
               "accuracy": 82 + spend // 10_000 % 15, "spend": f"¥{spend:,}"}
    texts = {**_CAST["proposal"], "summary": _CAST["proposal"]["summary"][sector]}
    return {name: one[lang].format(**figures) for name, one in texts.items()}
