"""Every act that the rooms write has a word for those who read the record."""

import ast
from pathlib import Path

import yaml

import westlake

SOURCE = Path(westlake.__file__).parent
# What the names made at run time become.
MADE = {
    "desk.value_{outcome}": ("agreed", "refused"), "desk.reviewer_{state}": ("accepted", "declined"),
    "desk.letter_{went_to}": ("released", "dropped"), "desk.{kind}_computed": ("assignment", "ranking", "selection"),
    "desk.payment_{outcome}": ("paid", "returned"), "desk.{step.name}": ()}  # steps are told by their programme's own words


def written(tree):
    """The names of the acts that a file hands to record.add."""
    named = {target.id: node.value.value for node in tree.body if isinstance(node, ast.Assign)
             for target in node.targets if isinstance(target, ast.Name) and isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add" and len(node.args) >= 3:
            act = node.args[1]
            if isinstance(act, ast.Constant) and isinstance(act.value, str):
                yield act.value
            elif isinstance(act, ast.Name) and isinstance(named.get(act.id), str):
                yield named[act.id]
            elif isinstance(act, ast.JoinedStr):
                form = ast.unparse(act)[2:-1]
                begin, rest = form.partition("{")[0], form.rpartition("}")[2]
                yield from (f"{begin}{one}{rest}" for one in MADE[form])


def test_every_act_has_a_word():
    words = yaml.safe_load((SOURCE / "locale" / "web_acts.yaml").read_text("utf-8"))["web"]["audit"]["deed"]
    acts = {act for path in sorted(SOURCE.rglob("*.py")) for act in written(ast.parse(path.read_text("utf-8"))) if "." in act}
    assert len(acts) > 40
    assert sorted(act for act in acts if act.replace(".", "_") not in words) == []
