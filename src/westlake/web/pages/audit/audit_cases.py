"""One case as an auditor reads it: all its papers on one page, and as a sealed file to take along."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from westlake.database import rows_among, storable
from westlake.dates import parse_day
from westlake.desk import files
from westlake.desk.audit.auditing import Papers, draws_of, papers_of
from westlake.desk.cases import TITLE, Case, find_case, root_of
from westlake.desk.desk import Offered
from westlake.desk.people import OUTSIDE, Held
from westlake.desk.seeing import may_see, seen_cases_sql
from westlake.desk.workflow import APPLICATION, Workflow
from westlake.errors import WestlakeError
from westlake.money import format_money
from westlake.record.record import Act
from westlake.reports.case_file import CaseFile, Upload, write_case_file
from westlake.reports.case_paper import Paper, Part, write_paper
from westlake.rules.kinds import write_points
from westlake.web.guards import or_404, route
from westlake.web.listing import Cell, Column, Table, table
from westlake.web.pages.audit import audit as room
from westlake.web.pages.audit.act_story import Story, stories
from westlake.web.pages.cases.case_parts import answer_words, source_words
from westlake.web.pages.money.money import Section, firm_names
from westlake.web.paging import page_of
from westlake.web.templatetags.westlake import instant
from westlake.web.visit import Visit
from westlake.words import catalogue, fill, say

INSTANTS = ("at", "recorded_at", "opened_at", "submitted_at")
AMOUNTS = ("asked", "amount", "claim", "entitlement")
WORDED = {"step": "step", "from": "state", "to": "state"}  # what a programme's table has words for
BOOKED = {"kind": "kinds", "phase": "phase"}  # what the books' pages have words for
PARTS = {  # the columns of each part on the page; the file has all
    "steps": ("case", "seq", "step", "from", "to", "person", "role", "at"),
    "reviews": ("case", "reviewer", "total", "confidence", "comment", "at"),
    "journals": ("journal", "day", "kind", "debit", "credit", "amount", "phase"),
}


def cases(request: Visit) -> HttpResponse:
    """Every application, the last handed in first; found by number, firm or title."""
    office = request.office
    seen, known = seen_cases_sql(office.desk, request.person, _roles(request))
    wanted = request.GET.get("q", "").strip()[:100]
    wanted = wanted if storable(wanted) else ""
    like = "%" + wanted.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
    rest = (" FROM desk_case c WHERE kind = ? AND (lower(number) LIKE ? ESCAPE '!' OR lower(firm) LIKE ? ESCAPE '!'"
            f" OR lower(title) LIKE ? ESCAPE '!') AND {seen}")
    values = (APPLICATION, like, like, like, *known)
    page = page_of(request, office.connection.execute(f"SELECT count(*){rest}", values).fetchone()[0])
    rows = office.connection.execute(
        f"SELECT id, number, title, firm, programme, state, amount, currency, submitted_at{rest}"
        " ORDER BY submitted_at DESC, id DESC LIMIT ? OFFSET ?",
        (*values, page.size, page.offset)).fetchall()
    columns = [Column(room.tell(request, name)) for name in ("number", "title_column", "firm", "state", "handed_in")]
    columns.append(Column(room.tell(request, "amount"), num=True))
    names = firm_names(office.desk, [row[3] for row in rows])
    found = [[Cell(number, reverse("audit.case", args=[case])), title, Cell(names[firm], hint=firm),
              office.desk.offered(programme).workflow.word("state", state, request.lang),
              instant(at), format_money(amount, currency, sign=True)]
             for case, number, title, firm, programme, state, amount, currency, at in rows]
    return room.page(request, room.tell(request, "tab.cases"), "audit/cases.html", shown=page,
                     found=table(room.tell(request, "tab.cases"), columns, found),
                     filters=[{"name": "q", "label": room.tell(request, "find_case"), "value": wanted}])


def show(request: Visit, case: Case) -> HttpResponse:
    """All papers of a case."""
    found = papers_of(request.office.desk, case, request.lang, room.tell(request, "erased"))
    return room.page(request, f"{found.case.number} {found.case.title}", "audit/case.html", case=found.case,
                     facts_table=_facts(request, found), decisions=[_decision(one) for one in found.decisions],
                     sections=_sections(request, found), uploads=found.uploads, made=request.office.now(),
                     stories=_acts(request, found.acts),
                     head=request.office.record.head().hash)


def _sections(request: Visit, found: Papers) -> list[Section]:
    """Steps, reviews, journals and lots, each as a table."""
    workflow = request.office.desk.offered(found.case.programme).workflow
    parts = [Section(room.tell(request, f"part.{name}"), _table(request, workflow, name, columns, getattr(found, name)),
                     empty=room.tell(request, "nothing")) for name, columns in PARTS.items()]
    return [*parts, *_draws(request, found.case)]


def case_pdf(request: Visit, case: Case) -> HttpResponse:
    """The case on paper, as its page shows it. W955 to W957 where this machine cannot set it."""
    office, lang = request.office, request.lang
    found = papers_of(office.desk, case, lang, room.tell(request, "erased"))
    currency, now = found.case.currency, office.now()
    parts = [Part(one.title, [column.label for column in one.table.columns], [
        [_plain(cell) for _, cell in row] for row in one.table.rows], [column.num for column in one.table.columns])
        for one in _sections(request, found) if one.table is not None]
    parts.append(Part(room.tell(request, "part.acts"), [room.tell(request, name) for name in (
        "act_number", "at", "who", "act_act", "act_subject", "details")], [
        [f"{one.act.id:,}", instant(one.act.at), one.who, one.what, one.subject, one.told] for one in _acts(
            request, found.acts)]))
    parts.append(Part(room.tell(request, "part.uploads"), [room.tell(request, "column.id"), "SHA-256"],
                      [[one.name, one.sha256] for one in found.uploads]))
    reasons = [(f"{one['case']} · {one['day']} · {room.tell(request, 'eligible' if one['eligible'] else 'ineligible')}"
                f" · {format_money(one['claim'], currency, sign=True)} /"
                f" {format_money(one['entitlement'], currency, sign=True)}", str(one["trace"]))
               for one in found.decisions]
    content = write_paper(Paper(lang, office.settings.agency, found.case.number, found.case.title, office.today,
                                instant(now), office.record.head().hash, _facts(request, found), reasons, parts))
    name = found.case.number.replace("/", "-")
    return HttpResponse(content, "application/pdf",
                        headers={"Content-Disposition": content_disposition_header(True, f"{name}.pdf")})


def _plain(cell: Cell) -> str:
    return f"{cell.text} {cell.hint}".strip()


def case_zip(request: Visit, case: Case) -> FileResponse:
    """The case's file: everything, with a manifest that seals each part. Made anew each time it is asked for."""
    office, lang = request.office, request.lang
    found = papers_of(office.desk, case, lang, room.tell(request, "erased"))
    uploads = [Upload(one.name, one.sha256, files.stored_at(office.files, one.sha256), one.type)
               for one in found.uploads]
    whole = CaseFile(found.case.number, office.now(), office.record.head().hash, found.facts, found.decisions,
                     found.reviews, found.steps, found.acts, found.journals, uploads)
    draft = tempfile.TemporaryFile()  # noqa: SIM115 - the answer reads it, and closes it when it is sent
    try:
        write_case_file(whole, draft, lang)
    except WestlakeError:
        draft.close()
        raise
    draft.seek(0)
    name = found.case.number.replace("/", "-")
    return FileResponse(draft, as_attachment=True, filename=f"{name}.zip", content_type="application/zip")


def seen_case(request: Visit, case: int) -> Case:
    """The application of a case that this auditor may see, or 404."""
    with or_404():
        found = root_of(request.office.desk, find_case(request.office.desk, case))
    if not may_see(request.office.desk, found, request.person, _roles(request)):
        raise Http404
    return found


def _roles(request: Visit) -> list[Held]:
    """The roles by which this room is read: whoever is of the office as well sees no more here for it."""
    return [held for held in request.roles if held.role == "auditor"]


def _draws(request: Visit, case: Case) -> list[Section]:
    """The case's lots, and whether each whole draw comes out the same when drawn again; nothing where none was drawn.
    """
    rows = [[Cell(f"№ {run.id}", reverse("reviews.run", args=[run.id])), instant(run.at), str(run.seed), str(lot.turn),
             f"{lot.lot[:16]}…", Cell(say("web.reviews.redrawn" if same else "web.reviews.not_redrawn", request.lang),
                                      tag="clean" if same else "broken")]
            for run, lot, same in draws_of(request.office.desk, case)]
    labels = [say("web.reviews.tab.selection", request.lang), room.tell(request, "at"), room.tell(request, "seed"),
              say("web.reviews.turn_column", request.lang), say("web.reviews.lot", request.lang),
              room.tell(request, "result")]
    title = say("web.reviews.draw", request.lang)
    return [Section(title, table(title, [Column(label) for label in labels], rows))] if rows else []


def _acts(request: Visit, rows: Sequence[Mapping[str, Any]]) -> list[Story]:
    """What the record says of the case, the last act first."""
    found = [Act(row["id"], row["at"], parse_day(row["day"]), row["actor"], row["act"], row["subject"], row["version"],
                 row["details"], row["personal"], row["hash"]) for row in rows]
    return stories(request, found, rows, raw=True)[::-1]


def _facts(request: Visit, found: Papers) -> list[tuple[str, str]]:
    """What was stated and found, as pairs, in the reader's words."""
    offered = request.office.desk.offered(found.case.programme)
    said = {**found.facts, "programme": fill(offered.programme.words.title, request.lang),
            "state": offered.workflow.word("state", found.case.state, request.lang)}
    said["firm"] = firm_names(request.office.desk, [found.case.firm])[found.case.firm]
    said["follow"] = [_followed(one, offered, request.lang) for one in found.facts["follow"].items()]
    return [(_name(request, found.case, name), _fact(request, offered, name, value, found.case))
            for name, value in said.items() if value not in (None, "", {}, []) and name != f"answer.{TITLE}"]


def _followed(one: tuple[str, str], offered: Offered, lang: str) -> str:
    """A case that follows, by what it is and how it stands."""
    kind, _, state = one[1].partition(": ")
    return f"{one[0]} {offered.workflow.word('kind', kind, lang)}: {offered.workflow.word('state', state, lang)}"


def _fact(request: Visit, offered: Offered, name: str, value: Any, case: Case) -> str:
    """An answer by the form's words; a finding with how sure it is, who found it and when."""
    first, _, rest = name.partition(".")
    if first == "answer":
        return answer_words(offered, rest, str(value), request.lang)
    if first != "found":
        return _shown(name, value, case.currency)
    lang = request.lang
    return "; ".join(f"{answer_words(offered, rest, str(one['value']), lang)} ({_sure(one['assurance'], lang)},"
                     f" {who}, {instant(one['at'])})"
                     for one, who in zip(value, _noted(request, case, value), strict=True))


def _noted(request: Visit, case: Case, facts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Who noted each fact, and from where: what comes with a step of somebody outside nobody found."""
    lang = request.lang
    persons = {one["person"] for one in facts}
    who = room.names(request, persons)
    roles = {(person, at): role for person, at, role in rows_among(
        request.office.connection, "SELECT person, at, role FROM desk_step WHERE person IN ({keys})", sorted(persons))
        if role in OUTSIDE} if any(one["source"] == "office" for one in facts) else {}
    for one in facts:
        role = "applicant" if one["person"] == case.applicant else roles.get((one["person"], one["at"]))
        if one["source"] == "office" and role:
            yield room.tell(request, "noted_at_step", name=who[one["person"]], role=say(f"web.role.{role}", lang))
        else:
            yield (f"{source_words(str(one['source']), lang)},"
                   f" {room.tell(request, 'noted_by', name=who[one['person']])}")


def _sure(assurance: str, lang: str) -> str:
    return say(f"web.state.{assurance}", lang)


def _name(request: Visit, case: Case, name: str) -> str:
    """What people call a fact: an answer or a finding by the form's own words."""
    first, _, rest = name.partition(".")
    if rest:
        offered = request.office.desk.offered(case.programme)
        sections = {one.name: fill(one.words, request.lang) for one in offered.workflow.proposal}
        label = offered.programme.in_words(rest, request.lang) if rest in offered.programme.inputs else rest
        return room.tell(request, f"fact.{first}", name=sections.get(rest, label))
    return room.tell(request, f"fact.{name}")


def _decision(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"case": row["case"], "day": row["day"], "eligible": row["eligible"], "version": row["version"],
            "trace": row["trace"], "amounts": (row["claim"], row["entitlement"])}


def _table(request: Visit, workflow: Workflow, part: str, columns: Sequence[str],
           rows: Sequence[Mapping[str, Any]]) -> Table:
    people = room.names(request, {row[name] for row in rows for name in ("person", "reviewer")
                                  if isinstance(row.get(name), int)})
    return table(room.tell(request, f"part.{part}"),
                 [Column(room.tell(request, f"column.{name}"), num=name in AMOUNTS) for name in columns],
                 [[_cell(request, workflow, name, row.get(name), people) for name in columns] for row in rows])


def _cell(request: Visit, workflow: Workflow, name: str, value: Any, people: Mapping[int, str]) -> Cell:
    """A value in the reader's words, where people have one for it."""
    if name in ("person", "reviewer"):
        return Cell(people.get(value, "") if value else "")
    if name in WORDED:
        return Cell(workflow.word(WORDED[name], str(value), request.lang))
    if name == "role":
        return Cell(room.role(request, str(value)))
    if name == "total":
        return Cell(write_points(int(value)))
    if name in BOOKED:
        key = f"web.money.book.{BOOKED[name]}.{value}"
        return Cell(say(key, request.lang) if key in catalogue() else str(value))
    text = _shown(name, value, "CNY")
    return Cell(f"{text[:16]}…" if name == "hash" else text)


def _shown(name: str, value: Any, currency: str) -> str:
    """A value as an auditor reads it: instants and amounts as such, lists and mappings line by line."""
    if isinstance(value, int) and not isinstance(value, bool):
        if name in INSTANTS:
            return instant(value)
        return format_money(value, currency) if name in AMOUNTS else str(value)
    if isinstance(value, list):
        return "; ".join(_shown("", one, currency) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(_pairs(value))
    return "" if value is None else str(value)


def _pairs(value: Mapping[str, Any]) -> Iterable[str]:
    for key, inner in value.items():
        if inner not in (None, "", {}, []):
            yield f"{key}: {inner if isinstance(inner, str | int) else json.dumps(inner, ensure_ascii=False)}"


ROUTES = (
    route("audit/cases/", cases, room.READERS, name="audit.cases"),
    route("audit/cases/<int:case>/", show, room.READERS, name="audit.case", object=seen_case),
    route("audit/cases/<int:case>/file.pdf", case_pdf, room.READERS, name="audit.case.paper", object=seen_case),
    route("audit/cases/<int:case>/file.zip", case_zip, room.READERS, name="audit.case.file", object=seen_case),
)
