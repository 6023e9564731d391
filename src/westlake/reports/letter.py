"""Sets official letters as PDF, in three languages, for the archive and for screen readers (PDF/A-2a and PDF/UA-1).

The words come from the catalogue and the case; the layout from letters/<kind>.typ, which a programme may
replace by one of its own. What a person wrote goes in as data, never as part of a template. The same letter
has the same bytes. A sign that no font has is refused: both standards forbid empty boxes.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from westlake.dates import day_of_month, month_of, year_of
from westlake.errors import Place, WestlakeError
from westlake.money import format_money
from westlake.words import say, say_to

KINDS = ("receipt", "decision", "award", "supplement", "payment", "recovery", "notice")
NEEDED = {"notice": ("body",), "award": ("amount",), "supplement": ("items", "deadline"), "payment": ("amount",),
          "recovery": ("amount", "deadline")}
STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
FONTS = {  # in the order of preference; the first that the machine has
    "en": ("Noto Serif", "Libertinus Serif"),
    "ko": ("Noto Serif CJK KR", "Noto Serif KR", "Source Han Serif K", "Noto Sans CJK KR", "Noto Sans KR",
           "NanumMyeongjo", "NanumGothic"),
    "zh": ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Noto Sans CJK SC", "Noto Sans SC",
           "WenQuanYi Zen Hei")}
MONO = "DejaVu Sans Mono"  # the typesetter brings it along
REGIONS = {"en": "GB", "ko": "KR", "zh": "CN"}
_TEMPLATES = Path(__file__).with_name("letters")
_CJK = {"ko": re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
        "zh": re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")}
_PACKAGE = re.compile(r'"@[a-z]+/')


@dataclass(frozen=True)
class Agency:
    """Who writes. lines: address, telephone, website, one text each."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """One test of the rules as it was decided: its sentence, whether it holds, and the text that it rests on."""

    says: str
    holds: bool
    rests_on: str = ""


@dataclass(frozen=True)
class Letter:
    """One letter. day, deadline, submitted: day numbers; amount: minor units; head: hash of the record's last act.

    granted: of a decision; items: what is lacking, the terms of an award, remarks; facts: more lines (label, text)
    of the case's own, in the letter's language; asked_label: what the programme's form calls an amount that was stated;
    version: of an application that was corrected or completed, before: the day of the one whose place it takes; body:
    paragraphs as they were let go, in the place of the catalogue's, title: of a letter of no kind of its own; to_firm:
    whether a firm reads it, or a person.
    """

    kind: str
    lang: str
    agency: Agency
    number: str
    case: str
    programme: str
    recipient: str
    day: int
    head: str
    signer: str = ""
    address: str = ""
    amount: int | None = None
    currency: str = "CNY"
    deadline: int | None = None
    submitted: int | None = None
    granted: bool = True
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    asked_label: str = ""
    version: int = 1
    before: int | None = None
    title: str = ""
    body: tuple[str, ...] = ()
    to_firm: bool = True


def able() -> bool:
    """Whether this machine has the typesetter."""
    return importlib.util.find_spec("typst") is not None


def write_letter(letter: Letter, folder: Path | None = None) -> bytes:
    """The letter as PDF. folder: a programme's own; its letters/<kind>.typ goes before ours.

    W955 without the typesetter, W956 where no font can print a sign, W957 for a kind, template or content that
    cannot be set.
    """
    return _set(letter, folder, "pdf")[0]


def picture(letter: Letter, folder: Path | None = None, ppi: int = 110) -> list[bytes]:
    """The letter's pages as PNG, for looking at before it is sent. Errors as `write_letter`."""
    return _set(letter, folder, "png", ppi)


def content(letter: Letter) -> dict[str, Any]:
    """Everything that the template sets, in the letter's language: what a page or a mail may show instead.

    Texts title, date, case, programme, amount, recipient, greeting, farewell …; lists opening, closing, items,
    remedies; reasons {says, holds, rests_on}; facts [label, text, important].
    """
    lang, kind = letter.lang, _variant(letter)
    values = {"programme": letter.programme, "case": letter.case, "amount": _amount(letter),
              "deadline": _date(letter.deadline, lang), "submitted": _date(letter.submitted or letter.day, lang),
              "version": letter.version, "earlier": letter.version - 1, "before": _date(letter.before, lang)}
    opening, closing = _paragraphs(letter, kind, values)
    return {
        **values, "kind": letter.kind, "lang": lang, "region": REGIONS[lang],
        "title": letter.title if kind == "notice" else say(f"letters.{kind}.title", lang), "number": letter.number,
        "made": [year_of(letter.day), month_of(letter.day), day_of_month(letter.day)],
        "date": _date(letter.day, lang), "agency": {"name": letter.agency.name, "lines": list(letter.agency.lines)},
        "recipient": letter.recipient, "address": letter.address, "signer": letter.signer or letter.agency.name,
        "greeting": say("letters.greeting", lang), "farewell": say("letters.farewell", lang),
        "opening": opening, "closing": closing, "facts": _facts(letter, kind), "items": list(letter.items),
        "remedies": list(letter.remedies), "reasons": [vars(reason) for reason in letter.reasons],
        "labels": {name: say(f"letters.label.{name}", lang) for name in (
            "number", "recipient", "via", "subject", "reasons", "remedies", "items", "terms", "lacking", "met",
            "unmet")},
        "page": say("letters.page", lang),
        "check": {"words": say("letters.check", lang), "head": _short(letter.head)}}


def _paragraphs(letter: Letter, kind: str, values: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """What stands before the facts, and what after them; a Korean letter says where it ends."""
    lang, end = letter.lang, say("letters.end", letter.lang)
    if letter.body:
        return [*letter.body], [end.strip()] if end else []
    opening, closing = ([say_to(f"letters.{kind}.{part}", lang, letter.to_firm, **values)]
                        for part in ("opening", "closing"))
    if letter.deadline is not None and kind in ("refusal", "recovery"):
        closing.append(say("letters.objection", lang, **values))
    closing[-1] += end
    return opening, closing


def _variant(letter: Letter) -> str:
    if letter.kind not in KINDS:
        raise WestlakeError.one("W957", Place(field="kind"), name=letter.kind, why=", ".join(KINDS))
    lacking = [name for name in NEEDED.get(letter.kind, ()) if not (getattr(letter, name) or letter.body)]
    if lacking:
        raise WestlakeError.one("W957", Place(field=lacking[0]), name=letter.kind, why=", ".join(lacking) + " = –")
    if letter.kind == "receipt" and letter.version > 1:
        return "correction"
    return "refusal" if letter.kind == "decision" and not letter.granted else letter.kind


def _facts(letter: Letter, kind: str) -> list[tuple[str, str, bool]]:
    """Label, text, and whether it is what the reader looks for first."""
    kind = "receipt" if kind == "correction" else kind
    rows = [("case", letter.case, False), ("programme", letter.programme, False),
            ("submitted", _date(letter.submitted, letter.lang), False), (f"{kind}_amount", _amount(letter), True),
            (f"{kind}_deadline", _date(letter.deadline, letter.lang), True)]
    said = [(_label(letter, name), text, important) for name, text, important in rows if text]
    return [*said[:-1], *((label, text, False) for label, text in letter.facts), *said[-1:]]


def _label(letter: Letter, name: str) -> str:
    own = letter.asked_label if name in ("receipt_amount", "refusal_amount", "supplement_amount") else ""
    return own or say(f"letters.fact.{name}", letter.lang)


def _amount(letter: Letter) -> str:
    return "" if letter.amount is None else format_money(letter.amount, letter.currency, sign=True)


def _date(day: int | None, lang: str) -> str:
    """A day in the language's manner: 23 November 2026, 2026년 11월 23일, 2026年11月23日."""
    if day is None:
        return ""
    months = say("letters.months", lang).split()
    return say("letters.date", lang, year=year_of(day), month=months[month_of(day) - 1], day=day_of_month(day))


def _short(head: str) -> str:
    return " ".join(head[at:at + 4] for at in range(0, 16, 4))


def _set(letter: Letter, folder: Path | None, form: Literal["pdf", "png"], ppi: int = 110) -> list[bytes]:
    return typeset(letter.kind, content(letter), letter.lang, letter.day, folder, form, ppi)


def typeset(kind: str, data: dict[str, Any], lang: str, day: int, folder: Path | None = None,
            form: Literal["pdf", "png"] = "pdf", ppi: int = 110) -> list[bytes]:
    """The pages of letters/<kind>.typ filled with data, which the template finds as `letter()`. day: by which the file
    is dated, so that the same data has the same bytes. Errors as `write_letter`."""
    try:
        import typst  # noqa: PLC0415 - 80 MB that only offices that send letters install
    except ImportError as error:
        raise WestlakeError.one("W955") from error

    fonts = _fonts()
    data = {**data, "fonts": {"body": _families(lang, data, fonts.families()), "mono": MONO}}
    with tempfile.TemporaryDirectory() as root:
        main = _gather(kind, folder, Path(root))
        try:
            made = typst.compile(
                main, root=Path(root), font_paths=fonts, sys_inputs={"letter": json.dumps(data, ensure_ascii=False)},
                format=form, ppi=ppi, pdf_standards=[*STANDARDS] if form == "pdf" else None,
                timestamp=day * 86_400)
        except typst.TypstError as error:
            unprintable = re.search(r'the text [`"\s]*(.*?)[`"\s]* could not be displayed', error.message)
            if unprintable:
                raise WestlakeError.one("W956", Place(field=kind), text=unprintable[1]) from error
            raise WestlakeError.one("W957", Place(f"letters/{kind}.typ"), name=kind,
                                    why=error.message) from error
    return made if isinstance(made, list) else [made]


@functools.cache
def _fonts() -> Any:
    """The fonts of this machine, sought once: a batch of letters does not look again."""
    import typst  # noqa: PLC0415 - as above

    return typst.Fonts()


def _families(lang: str, data: object, known: Sequence[str]) -> list[str]:
    """The fonts of the letter's language, then those that its names in other languages need."""
    text = json.dumps(data, ensure_ascii=False)
    needed = [lang] + [other for other, signs in _CJK.items() if other != lang and signs.search(text)]
    found = []
    for other in needed:
        family = next((name for name in FONTS[other] if name in known), "")
        if not family:
            raise WestlakeError.one("W956", Place(field="font"), text=", ".join(FONTS[other][:1]))
        found.append(family)
    return found


def _gather(kind: str, folder: Path | None, root: Path) -> Path:
    """The templates in a folder of their own: a template sees these files and nothing else of the machine."""
    shutil.copytree(_TEMPLATES, root, dirs_exist_ok=True)
    own = folder / "letters" if folder else None
    if own and own.is_dir():
        shutil.copytree(own, root, dirs_exist_ok=True)
    for template in root.rglob("*.typ"):
        if _PACKAGE.search(template.read_text("utf-8")):  # it would be fetched from outside
            raise WestlakeError.one("W957", Place(f"letters/{template.name}"), name=kind, why='import "@…"')
    return root / f"{kind}.typ"
