"""Writes toy programmes from a few lines, so that a test says only what it is about."""

import ast
from pathlib import Path

import pytest

from westlake.errors import WestlakeError
from westlake.rules import load_programme

LAKESIDE = Path(__file__).parent.parent / "lakeside" / "programmes"
HEAD = (
    '"""A toy."""\n\n'
    "from westlake.rules import Bool, Choice, Count, Day, FineMoney, Id, Money, Rate, Table, WHOLE, rule, so_far, "
    "most_so_far, total, share_down, share_up, share_half_up, share_half_even, fine_share_half_up, part_down, "
    "part_half_up, years_between, months_between, add_months, year_of, month_of, day_of_month, day_number\n"
)
THREE = "{en: The thing, ko: 그것, zh: 那个}"
SOURCES = f"""toy: {{title: {THREE}, kind: text}}
guess: {{title: {THREE}, kind: inference}}
copy: {{title: {THREE}, kind: mirror}}
"""
R = '@rule(source="toy", clause="1")\n'


def words_of(rules):
    """A words.yaml for every rule and group of a rules text."""
    lines = [f"title: {THREE}", f"summary: {THREE}", "rules:"]
    for node in ast.parse(rules).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            lines.append(f"  {node.targets[0].id}: {{label: {THREE}}}")
        elif isinstance(node, ast.FunctionDef):
            keys = {keyword.arg: keyword.value for keyword in node.decorator_list[0].keywords}
            name = keys["name"].value if "name" in keys else node.name
            tests = f", yes: {THREE}, no: {THREE}" if ast.unparse(node.returns) == "Bool" else ""
            named = ast.literal_eval(keys["choices"]) if "choices" in keys else ()
            choices = f", choices: {{{', '.join(f'{choice}: {THREE}' for choice in named)}}}" if named else ""
            line = f"  {name}: {{label: {THREE}{tests}{choices}}}"
            if line not in lines:
                lines.append(line)
    lines[2] += " {}" if len(lines) == 3 else ""
    return "\n".join(lines) + "\n"


def form_of(inputs):
    """A form.yaml from `name: keys` lines such as `spend: type: money, max: "10.00"`."""
    lines = ["inputs:"] + ["  {}"] * (not inputs)
    for name, keys in inputs.items():
        if "choices: [" in keys:
            named = keys.split("choices: [")[1].split("]")[0].split(", ")
            keys += f", choice_words: {{{', '.join(f'{choice}: {THREE}' for choice in named)}}}"
        lines.append(f"  {name}: {{type: {keys}, from: form, words: {THREE}}}")
    return "\n".join(lines) + "\n"


def values_of(values):
    """A values.yaml from name → (unit and by, [(in_force, value and more)])."""
    if isinstance(values, str):
        return values
    lines = [] if values else ["{}"]
    for name, (unit, entries) in values.items():
        lines += [f"{name}:", f"  unit: {unit}", f"  words: {THREE}", "  values:"]
        lines += [
            f"    - {{in_force: {day}, value: {value}, source: toy, clause: '1', class: P}}" for day, value in entries
        ]
    return "\n".join(lines).replace(" by ", "\n  by: ") + "\n"


def write(folder, rules, inputs=None, values=None, **files):
    """A programme folder `toy` under `folder`; `files` (form, values, words, examples, sources) replace whole files."""
    place = Path(folder) / "toy"
    place.mkdir(parents=True, exist_ok=True)
    rules = rules if rules.startswith('"""') else HEAD + rules
    (place / "rules.py").write_text(rules, "utf-8")
    try:
        words = words_of(rules)
    except (SyntaxError, AttributeError, IndexError, ValueError, KeyError):
        words = f"title: {THREE}\nsummary: {THREE}\nrules: {{}}\n"
    texts = {
        "form": form_of(inputs or {}),
        "values": values_of(values or {}),
        "words": words,
        "examples": "[]\n",
    } | files
    for name in ("form", "values", "words", "examples"):
        (place / f"{name}.yaml").write_text(texts[name], "utf-8")
    (place.parent / "sources.yaml").write_text(texts.get("sources", SOURCES), "utf-8")
    return place


def load(folder, rules, inputs=None, values=None, **files):
    """The programme itself."""
    return load_programme(write(folder, rules, inputs, values, **files))


def problems(folder, rules, inputs=None, values=None, **files):
    """The problems of a folder that does not load."""
    with pytest.raises(WestlakeError) as caught:
        load(folder, rules, inputs, values, **files)
    return caught.value.problems


def marked(text):
    """A text without its mark «, and the line and column where the mark stood."""
    before, _, after = text.partition("«")
    return before + after, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def codes(folder, rules, inputs=None, values=None, **files):
    """The codes of a folder's problems, in order."""
    return [problem.code for problem in problems(folder, rules, inputs, values, **files)]
