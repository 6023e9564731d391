"""accounts.yaml: what of a programme's rules settlement reads, how its budget is shared, what its books hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from westlake.errors import Findings
from westlake.rules import Programme
from westlake.rules.tree import Node, Sheet
from westlake.settlement.allotment import EDGES, WAYS

FILE = "accounts.yaml"
ACCOUNTS = ("treasury", "budget", "payable", "receivable", "recovered", "bank")
DECIDES = ("base", "eligible", "claim", "entitlement")
HISTORY = ("line_claim", "group_claims", "group_allotted")
_BUDGET = ("value", "cap", "way", "edge")
_RULES = ("free", "credit", "debit")
_PLACES = ("programme", "year", "firm")
# What a role's code must say, so that no two budgets, and no two firms, share an account.
_NEEDED = {"budget": ("programme", "year"), "recovered": ("programme", "year"), "payable": ("programme", "firm"),
           "receivable": ("programme", "year", "firm")}


@dataclass(frozen=True)
class Account:
    """One kind of account: its code with {programme}, {year} and {firm} to be filled, and its rule."""

    code: str
    rule: str


@dataclass(frozen=True)
class Terms:
    """How one programme is settled.

    source: the room that gives the base (bills; others follow). decides: role → rule or input: `base`
    is the input with the amount, `eligible` the Bool rule, `claim` what a line is worth by itself,
    `entitlement` what the rules give now after caps over time. history: input → what it holds of
    earlier rounds: this line's claim when last settled, the group's claims, the group's allotments.
    budget_value and cap name values: the year's budget, and (for the report) a firm's yearly cap.
    """

    source: str
    decides: Mapping[str, str]
    history: Mapping[str, str]
    budget_value: str
    cap: str
    way: str
    edge: str
    accounts: Mapping[str, Account]

    def code(self, role: str, programme: str, year: int, firm: str = "") -> str:
        """The account code of a role for one year and firm."""
        return self.accounts[role].code.format(programme=programme, year=year, firm=firm)


def read_terms(programme: Programme) -> Terms:
    """The terms of a programme's accounts.yaml; W401, W402, W438 and the W1 codes for what is wrong."""
    findings = Findings()
    path = Path(programme.folder) / FILE
    if not path.is_file():
        findings.add("W401", name=programme.name)
        findings.stop()
    sheet = Sheet(path, FILE, findings)
    top = sheet.mapping(sheet.root, ("source", "decides", "history", "budget", "accounts"),
                        ("source", "decides", "budget", "accounts"))
    findings.stop()
    decides = _texts(sheet, top["decides"][1], DECIDES, DECIDES)
    history = _texts(sheet, top["history"][1]) if "history" in top else {}
    budget = _texts(sheet, top["budget"][1], _BUDGET, ("value", "way"))
    accounts = _accounts(sheet, top["accounts"][1])
    _check_names(sheet, top, programme, decides, history, budget)
    findings.stop()
    return Terms(sheet.scalar(top["source"][1]) or "", decides, history, budget["value"],
                 budget.get("cap", ""), budget["way"],
                 budget.get("edge", "part"), accounts)


def _texts(sheet: Sheet, node: Node, known: tuple[str, ...] | None = None,
           needed: tuple[str, ...] = ()) -> dict[str, str]:
    entries = sheet.mapping(node, known, needed)
    return {name: sheet.scalar(value) or "" for name, (_, value) in entries.items()}


def _accounts(sheet: Sheet, node: Node) -> dict[str, Account]:
    accounts = {}
    for role, (_, entry) in sheet.mapping(node, None, ACCOUNTS).items():
        texts = _texts(sheet, entry, ("code", "rule"), ("code", "rule"))
        if texts.get("rule") and texts["rule"] not in _RULES:
            sheet.fault("W402", entry, name=texts["rule"], known=", ".join(_RULES))
        accounts[role] = Account(texts.get("code", ""), texts.get("rule", "free"))
        if texts.get("code"):
            _check_code(sheet, entry, role, texts["code"])
    return accounts


def _check_code(sheet: Sheet, entry: Node, role: str, code: str) -> None:
    """W438 unless a code names what its role needs, and nothing that is not known when it is filled."""
    try:
        named = {name for _, name, _, _ in Formatter().parse(code) if name is not None}
    except ValueError:  # a brace that is not closed
        named = {""}
    if named - set(_PLACES) or not named.issuperset(_NEEDED.get(role, ())):
        sheet.fault("W438", _node(entry, "code", 1), role=role, value=code,
                    needed=" ".join(f"{{{name}}}" for name in _NEEDED.get(role, ())) or "–")


def _check_names(sheet: Sheet, top: Mapping[str, tuple[Node, Node]], programme: Programme,
                 decides: Mapping[str, str], history: Mapping[str, str], budget: Mapping[str, str]) -> None:
    """Every name that accounts.yaml mentions is one that the programme has."""
    rules, inputs = set(programme.graph.rules), set(programme.inputs)
    wanted = [("decides", role, 1, name, inputs if role == "base" else rules) for role, name in decides.items()]
    wanted += [("history", name, 0, name, inputs) for name in history]
    wanted += [("history", name, 1, role, set(HISTORY)) for name, role in history.items()]
    wanted += [("budget", key, 1, budget.get(key, ""), known) for key, known in (
        ("value", set(programme.values)), ("cap", set(programme.values)), ("way", set(WAYS)), ("edge", set(EDGES)))]
    for section, key, side, name, known in wanted:
        if name and name not in known:
            sheet.one_of(_node(top[section][1], key, side), sorted(known), "W402", section)


def _node(node: Node, key: str, side: int) -> Node:
    """Where a mapping says a key (side 0) or the key's value (side 1): the same word may stand elsewhere too."""
    return next((pair[side] for pair in node.value if pair[0].value == key), node)
