"""The programming interface: an application from draft to decision by machines, with the rights of whoever stands behind."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.machine import EVERYTHING, PIER, Machine, know, speaker, submit_pier, token_of

from westlake.desk import people
from westlake.desk.calls import change_call, find_call
from westlake.web.models import ApiToken


@pytest.fixture
def oda(officer):
    return Machine(token_of(officer))


@pytest.fixture
def nobody(call):
    return Machine()


def test_a_pier_from_draft_to_admission(heron, oda, call):
    """Two machines: the applicant's writes and hands in, the officer's reads, looks and admits."""
    case = heron.post(f"/calls/{call.id}/applications").json()
    assert (case["number"], case["state"], case["seq"]) == ("PIER-26-0001", "draft", 0)
    told = heron.patch(f"/cases/{case['id']}/answers", {"answers": {**PIER, "cost": "many"}}).json()
    assert [(one["code"], one["place"]["field"]) for one in told["problems"]] == [("W032", "cost")]
    assert heron.patch(f"/cases/{case['id']}/answers", {"answers": PIER}).json() == {"answers": PIER, "problems": []}
    plan = SimpleUploadedFile("../plan of the pier.txt", b"a pier")
    file = heron.upload(f"/cases/{case['id']}/files", field="plan", file=plan).json()
    assert (file["name"], file["type"], file["bytes"]) == ("plan of the pier.txt", "txt", 6)
    assert oda.get(f"/cases/{case['id']}").status_code == 404  # a draft is nobody else's business
    moved = heron.post(f"/cases/{case['id']}/steps", {"step": "submit", "seq": 0}).json()
    assert (moved["state"], moved["seq"], moved["asked"]) == ("submitted", 1, 2_000_000)
    seen = oda.get(f"/cases/{case['id']}").json()
    assert (seen["firm"], seen["decision"]["eligible"], seen["decision"]["claim"]) == ("heron", True, 1_000_000)
    assert [(one["step"], one["role"]) for one in seen["steps"]] == [("submit", "applicant")]
    assert {one["name"]: (one["value"], one["assurance"], one["source"]) for one in seen["facts"]}["resident"] == (
        "true", "verified", "registry")
    assert oda.get(f"/cases/{case['id']}/decision").json()["claim"] == 1_000_000
    possible = {one["step"]: one["problem"] and one["problem"]["code"] for one in oda.get(f"/cases/{case['id']}/steps").json()["items"]}
    assert (possible["admit"], possible["refuse"]) == (None, "W926")
    assert oda.post(f"/cases/{case['id']}/steps", {"step": "admit", "seq": 1}).json()["state"] == "eligible"


def test_who_saw_an_older_state_is_told_so(heron, oda, call):
    case = submit_pier(heron, call)
    oda.post(f"/cases/{case}/steps", {"step": "admit", "seq": 1})
    late = oda.post(f"/cases/{case}/steps", {"step": "ask_supplement", "seq": 1, "said": {"note": "plan", "day": "2026-06-20"}})
    assert (late.status_code, late["Content-Type"], late.json()["code"]) == (409, "application/problem+json", "W998")
    again = oda.post(f"/cases/{case}/steps", {"step": "ask_supplement", "seq": 2, "said": {"note": "plan", "day": "2026-06-20"}})
    assert (again.json()["state"], again.json()["due"]) == ("supplement", "2026-06-20")


def test_a_problem_says_code_place_and_way_out_in_the_readers_language(heron, oda, call):
    case = submit_pier(heron, call)
    answer = oda.post(f"/cases/{case}/steps", {"step": "ask_supplement", "seq": 1}, **{"Accept-Language": "ko"})
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"], told["title"]) == (422, 422, "W969", "처리할 수 없습니다")
    assert (told["place"]["field"], told["instance"]) == ("note", f"/api/v1/cases/{case}/steps")
    assert told["detail"] == told["says"] and told["way_out"]


def test_what_the_interface_does_not_know_is_named_by_its_place(heron, call):
    answer = heron.post("/cases/1/steps", {"step": "submit", "sek": 0})
    assert [(one["code"], one["place"]["field"]) for one in answer.json()["problems"]] == [
        ("W1080", "seq"), ("W1080", "sek")]
    assert heron.post("/cases/1/steps", "{").status_code == 422
    assert heron.client.post("/api/v1/cases/1/steps", "{", "application/json", headers={
        "Authorization": f"Bearer {heron.token}", "Idempotency-Key": "unreadable-1"}).json()["code"] == "W1080"


def test_a_foreign_case_is_not_there(office, person_with, heron, call):
    case = submit_pier(heron, call)
    ibis = Machine(token_of(speaker(office, person_with, "ibis")))
    for answer in (ibis.get(f"/cases/{case}"), ibis.get(f"/cases/{case}/steps"), ibis.get("/cases/999"),
                   ibis.post(f"/cases/{case}/steps", {"step": "withdraw", "seq": 1}),
                   ibis.patch(f"/cases/{case}/answers", {"answers": PIER})):
        assert (answer.status_code, answer.json()["code"]) == (404, "W920")
    assert ibis.get("/cases").json() == {"items": [], "next": None}
    assert ibis.get("/firms/heron").status_code == 404


def test_who_only_named_a_firm_is_not_told_what_the_register_knows_of_it(office, person_with, call):
    named = person_with("applicant", name="Nele Named")
    named = people.change_person(office.connection, named, named, firm="heron")
    machine = Machine(token_of(named))
    know(office, "heron", resident="1")
    assert machine.get("/firms/heron").status_code == 404
    asked = {"inputs": {"district": "north", "cost": "20000.00"}, "firm": "heron"}
    assert machine.post("/programmes/pier_challenge/check", asked).status_code == 404


def test_nobody_is_handed_a_whole_bank_account(office, person_with, heron, call):
    know(office, "heron", bank_account="110234567890", resident="1")
    machines = [Machine(token_of(person_with(role))) for role in ("officer", "approver", "payer", "auditor", "chair")]
    for machine in (heron, *machines):
        answer = machine.get("/firms/heron")
        assert {one["name"]: one["value"] for one in answer.json()["facts"]}["bank_account"] == "•••• 7890"
        assert "1102345" not in answer.text


def test_scope_and_role_are_both_needed(office, officer, person_with, call):
    reads = Machine(token_of(officer, ["calls:read", "cases:read"]))
    assert reads.get("/calls").status_code == 200
    assert (reads.get("/payments").status_code, reads.get("/payments").json()["code"]) == (403, "W1082")
    heron = Machine(token_of(speaker(office, person_with, "heron"), EVERYTHING))
    assert (heron.get("/payments").status_code, heron.get("/payments").json()["code"]) == (403, "W985")
    assert reads.post(f"/calls/{call.id}/applications").json()["code"] == "W1082"


def test_a_token_never_does_more_than_its_owner_now(office, officer, oda, person_with, heron, call):
    """The role ends: the token that was made with it does no more from that instant."""
    case = submit_pier(heron, call)
    assert oda.get(f"/cases/{case}").status_code == 200
    grant = people.grants(office.connection)
    people.end_role(office.connection, next(one.id for one in grant if one.person == officer.id), person_with("admin"),
                    office.now())
    assert oda.get(f"/cases/{case}").status_code == 404
    assert oda.get("/me").json()["roles"] == []


@pytest.mark.parametrize("change", ["ended", "expired", "inactive", "unknown", "basic"])
def test_a_token_that_does_not_hold_opens_nothing(office, oda, clock, change):
    kept = ApiToken.objects.get()
    if change == "ended":
        ApiToken.objects.update(ended_at=kept.made_at)
    elif change == "expired":
        clock.wait(30 * 86_400 + 1)
    elif change == "inactive":
        kept.login.is_active = False
        kept.login.save()
    elif change == "unknown":
        oda.token = "wl_" + "x" * 43
    answer = oda.ask("GET", "/me", Authorization="Basic b2RhOng=") if change == "basic" else oda.get("/me")
    if change == "basic":
        oda.token = ""
        answer = oda.ask("GET", "/me", Authorization="Basic b2RhOng=")
    assert (answer.status_code, answer.json()["code"], answer["WWW-Authenticate"]) == (401, "W1081", 'Bearer realm="westlake"')


def test_a_token_is_kept_as_a_digest_only(oda):
    kept = ApiToken.objects.get()
    assert oda.token not in json.dumps([str(value) for value in vars(kept).values()])
    assert oda.token.startswith(kept.start) and len(kept.start) == 9


def test_a_session_alone_does_not_open_the_interface(client_as):
    """Only what one sends on purpose counts: no other site can speak in one's name here."""
    assert client_as("officer").get("/api/v1/cases").status_code == 401


def test_money_needs_its_own_scope(office, officer, person_with, heron, call):
    """Agreeing to an award books nothing; asking it back does: without money:write no token takes such a step."""
    case = submit_pier(heron, call)
    approver = person_with("approver", name="Ferry Finn")
    answer = Machine(token_of(approver, ["cases:read", "cases:write"])).post(
        f"/cases/{case}/steps", {"step": "award", "seq": 1})
    assert answer.json()["code"] == "W999"  # there is no such step from here, whoever asks
    office.connection.execute("INSERT INTO desk_step VALUES (?,?,?,?,?,?,?,?,?,?)", (
        case, 2, "select", "submitted", "selected", officer.id, "chair", office.now(), 1, "{}"))
    office.connection.execute("UPDATE desk_case SET state = 'selected', seq = 2 WHERE id = ?", (case,))
    for scopes, code in ((["cases:read", "cases:write"], "W1082"), (EVERYTHING, "W962")):
        answer = Machine(token_of(approver, scopes)).post(f"/cases/{case}/steps", {"step": "award", "seq": 2})
        assert answer.json()["code"] == code


def test_lists_go_on_where_they_stopped(office, person_with, oda, call):
    for name in ("heron", "ibis", "kite"):
        know(office, name)
        submit_pier(Machine(token_of(speaker(office, person_with, name))), call)
    first = oda.get("/cases?limit=2").json()
    second = oda.get(f"/cases?limit=2&after={first['next']}").json()
    assert [one["firm"] for one in (*first["items"], *second["items"])] == ["heron", "ibis", "kite"]
    assert second["next"] is None
    assert [one["firm"] for one in oda.get("/cases?firm=ibis&state=submitted").json()["items"]] == ["ibis"]
    assert oda.get("/cases?state=draft").json()["items"] == []
    assert oda.get("/cases?limit=0").json()["code"] == "W1080"


def test_many_cases_are_tried_on_paper(office, person_with, heron, oda, call):
    first = submit_pier(heron, call)
    know(office, "ibis", resident="0")
    second = submit_pier(Machine(token_of(speaker(office, person_with, "ibis"))), call)
    before = list(office.connection.iterdump())
    told = oda.post("/cases/steps/preview", {"step": "admit", "cases": [
        {"case": first, "seq": 1}, {"case": second, "seq": 1}, {"case": first, "seq": 0}, {"case": 99, "seq": 0}]}).json()
    assert [one["problem"] and one["problem"]["code"] for one in told["items"]] == [None, "W925", "W998", "W920"]
    assert told["possible"] == 1
    assert list(office.connection.iterdump()) == before


def test_a_check_on_paper_has_its_reasons_and_leaves_no_trace(office, heron, call):
    before = list(office.connection.iterdump())
    told = heron.post("/programmes/pier_challenge/check", {"inputs": {"district": "north", "cost": "20000.00"}, "firm": "heron"})
    decision = told.json()
    assert (told.status_code, decision["eligible"], decision["claim"], decision["currency"]) == (200, True, 1_000_000, "CNY")
    step = next(one for one in decision["steps"] if one["name"] == "award")
    assert {one["name"] for one in step["given"]} >= {"cost"} and step["rests_on"]
    assert list(office.connection.iterdump()) == before
    ibis = heron.post("/programmes/pier_challenge/check", {"inputs": {"district": "north", "cost": "1"}, "firm": "ibis"})
    assert ibis.status_code == 404
    assert heron.post("/programmes/pier_challenge/check", {"inputs": {"kost": "1"}}).json()["code"] == "W995"
    assert heron.post("/programmes/no_such/check", {"inputs": {}}).status_code == 404


def test_what_did_not_change_is_not_sent_twice(office, officer, oda, call):
    first = oda.get("/calls")
    assert oda.get("/calls", **{"If-None-Match": first["ETag"]}).status_code == 304
    change_call(office.desk, find_call(office.desk, call.id), officer, "more time", closes_at=call.closes_at + 1)
    assert oda.get("/calls", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_everybody_reads_what_is_public(nobody, call):
    assert [one["code"] for one in nobody.get("/public/calls").json()["items"]] == ["PIER-26"]
    assert [one["chain"] for one in nobody.get("/public/heads").json()["items"]] == ["ledger", "record"]
    for path in ("/public/awards", "/public/notices"):
        assert nobody.get(path).json() == {"items": [], "next": None}
    assert nobody.get("/public/grants.json").status_code == 404  # no award, no document
    assert nobody.get("/calls").status_code == 401


def test_money_is_read_by_those_who_handle_it(person_with, call):
    payer = Machine(token_of(person_with("payer", name="Park Dal")))
    for path in ("/payments", "/batches", "/ledger/balances"):
        assert payer.get(path).json() == {"items": [], "next": None}
    assert payer.get("/payments/1").status_code == 404
    assert payer.get("/ledger/heads").json()["items"][0] == {"chain": "ledger", "number": 0, "hash": "0" * 64}


def test_other_addresses_and_methods_answer_as_problems(oda):
    assert [oda.get("/nothing").json()["code"], oda.ask("PUT", "/calls").json()["code"]] == ["W986", "W1088"]
    assert oda.ask("PUT", "/calls")["Allow"] == "GET"
    assert oda.client.head("/api/v1/public/calls").status_code == 200


def test_a_program_learns_what_texts_a_programme_wants(heron, call):
    """A machine that applies reads the sections, their limits and their labels beside the inputs."""
    told = heron.get("/programmes").json()["items"]
    sections = next(one["proposal"] for one in told if one["name"] == "pier_challenge")
    assert [(one["name"], one["most"], one["label"]["ko"]) for one in sections] == [
        ("summary", 800, "선착장 계획 요약"), ("work", 1500, "공사 계획")]


def test_a_program_learns_which_route_asks_what_and_who_may_apply(office, heron, call):
    """The shore decides whether the cost is asked; people may apply without a firm; a score has three decimals."""
    folder = office.workspace.folder / "programmes" / "lakeside" / "pier_challenge"

    def told():
        return next(one for one in heron.get("/programmes").json()["items"] if one["name"] == "pier_challenge")

    before = told()
    assert (before["applicant"], {one["asked_when"] for one in before["inputs"]}) == ("firm", {None})
    assert {one["decimals"] for one in before["inputs"]} == {0}
    (folder / "form.yaml").write_text((folder / "form.yaml").read_text("utf-8") + """  score:
    type: count
    decimals: 3
    min: "0.000"
    max: "100.000"
    from: review
    words: {en: Score, ko: 점수, zh: 得分}
""", "utf-8")
    workflow = folder / "workflow.yaml"
    workflow.write_text(workflow.read_text("utf-8").replace(
        "award: claim", 'award: claim\napplicant: person\nasked_when:\n  cost: {input: district, is: [north], otherwise: "5000.00"}'),
        "utf-8")
    after = told()
    assert after["applicant"] == "person"
    assert {one["name"]: (one["decimals"], one["high"]) for one in after["inputs"] if one["decimals"]} == {"score": (3, 100_000)}
    assert {one["name"]: one["asked_when"] for one in after["inputs"] if one["asked_when"]} == {
        "cost": {"input": "district", "choices": ["north"], "otherwise": "5000.00"}}
