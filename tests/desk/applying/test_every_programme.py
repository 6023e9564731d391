"""In each of the city's programmes an application can be handed in at the desk, and no step of any table moves money
for somebody of whom the office does not know that they speak for the firm."""

import pytest
from tests.desk.applying.test_speaking import HANGZHOU, confirm, end, registered
from tests.desk.counter import LAKESIDE, PROPOSAL, Counter

from westlake.desk.applying.deciding import last_decision
from westlake.desk.applying.drafting import fields_of, save_answers
from westlake.desk.cases import open_application, open_following
from westlake.desk.guards import GUARDS
from westlake.desk.moment import Moment
from westlake.desk.people import Held

ANSWERS = {
    "challenge": {"resident": "true", "project_class": "competitive", "planned_spend": "10000000.00",
                  "higher_funding": "0.00", "advance_declared": "false"},
    "cloud_voucher": {"base": "1000.00", "spend_class": "domestic", "resident": "true", "saas": "true", "size": "small",
                      "contracts_year": "480000.00"},
    "fund": {"kind": "sub_fund", "asked": "40000000.00", "total": "100000000.00", "private": "60000000.00",
             "local_plan": "60000000.00", "staff": "20", "sales": "30000000.00", "high_tech": "true"},
    "loss_share": {"project": "reed", "institution": "lakefund", "basis": "investor_compensation", "founded": "2023-05-01",
                   "staff": "20", "assets": "2000000.00", "sales": "500000.00", "registered_on": "2023-08-01",
                   "invested_on": "2023-09-01", "realised": "true", "audited": "true", "connected": "false",
                   "cost": "4000000.00", "proceeds": "500000.00", "other_recoveries": "100000.00"},
    "talent": {"person": "P-wren", "benefit": "startup", "origin": "overseas_chinese", "degree": "none",
               "founder": "true", "largest_holder": "true", "spend": "50000.00"},
    "pier_challenge": {"resident": "true", "district": "north", "cost": "20000.00", **PROPOSAL},
}
GIVEN = {  # claim and entitlement in fen, by the answers alone; a milestone not yet attained gives nothing
    "challenge": (200_000_000, 0), "cloud_voucher": (50_000, 50_000), "fund": (4_000_000_000, 4_000_000_000),
    "loss_share": (102_000_000, 102_000_000), "talent": (5_000_000, 5_000_000)}
MONEY = {"promise", "earn", "adjust_promise", "order_payment", "order_settled"}


@pytest.fixture(params=sorted(ANSWERS))
def at_desk(request, database):
    """A desk and the programme worked there."""
    made = Counter(database, LAKESIDE if request.param == "pier_challenge" else HANGZHOU, (request.param,))
    yield made, request.param
    made.close()


def handed_in(counter, name, applicant):
    """An application for a firm, from the first answer to the receipt."""
    case = open_application(counter.desk, applicant, counter.call(name, "C-26"), "heron")
    offered = counter.desk.offered(name)
    written = {one.name: f"{one.name}, as it is planned" for one in offered.workflow.proposal} | ANSWERS[name]
    assert set(written) <= set(fields_of(offered))
    save_answers(counter.desk, case, applicant, Held("applicant", "*", applicant.firm), written | {"title": "Plans of heron"})
    return counter.take(case, "submit", applicant)


def test_an_application_is_handed_in_and_decided(at_desk):
    counter, name = at_desk
    case = handed_in(counter, name, counter.person("Hana Heron", "applicant", "heron"))
    stored = last_decision(counter.desk, case)
    assert (case.state, stored.eligible, stored.reason) == ("submitted", True, "")
    if name in GIVEN:
        assert (stored.claim, stored.entitlement) == GIVEN[name]


def test_a_voucher_is_looked_at_whole_beside_what_others_brought_its_firm(database):
    counter = Counter(database, HANGZHOU, ("cloud_voucher",))
    case = handed_in(counter, "cloud_voucher", counter.person("Hana Heron", "applicant", "heron"))
    taken, counted = {"assurance": "taken", "source": "workflow"}, {"assurance": "audited", "source": "books"}
    origins = last_decision(counter.desk, case).origins
    assert [origins[name] for name in ("claim_settled", "claims_before", "allotted_before")] == [taken, counted, counted]
    counter.close()


def money_steps(workflow):
    """Kind and row, for every row whose effects move money."""
    return [(kind.name, step) for kind in workflow.kinds.values() for step in kind.steps
            if MONEY & {use.name for use in step.effects}]


def refusals(counter, case, workflow):
    """Every such row → the codes by which its guards refuse, were the case before it."""
    approver, found = counter.staff["approver"], {}
    for kind, step in money_steps(workflow):
        of = case if kind == "application" else open_following(counter.desk, approver, case, kind)
        moment = Moment(counter.desk, of, step, approver, Held("approver", "*"), {})
        found[kind, step.name] = {problem.code for use in step.guards if (problem := GUARDS[use.name](moment, *use.given))}
    return found


def test_no_step_moves_money_for_whom_the_office_has_not_confirmed_or_does_no_longer(at_desk):
    counter, name = at_desk
    counter.know("heron", name="Heron Works")
    iris = registered(counter)
    case, workflow = handed_in(counter, name, iris), counter.desk.offered(name).workflow
    rows = {(kind, step.name) for kind, step in money_steps(workflow)}
    assert rows == {("milestone", "order"), *(() if name == "cloud_voucher" else (
        ("application", "award"), ("application", "amend"), ("milestone", "approve")))}

    def silenced():
        return {row for row, codes in refusals(counter, case, workflow).items() if "W1143" in codes}

    assert silenced() == rows
    confirm(counter, iris)
    assert silenced() == set()
    end(counter, iris)
    assert silenced() == rows
