"""What an author is told of a mistake, word for word: mistakes.yaml has each mistake and every line that it gives."""

from pathlib import Path

import pytest
import yaml

from westlake.errors import WestlakeError

from .toy import HEAD, THREE, R, load

CASES = Path(__file__).with_name("mistakes.yaml")
SPEND = {"spend": "money", "staff": "count", "kind": "choice, choices: [red, blue]", "ready": "bool"}
ARGUMENTS = "spend: Money, staff: Count, kind: Choice, ready: Bool"


def told(folder, line="", module="", decorator="", arguments=ARGUMENTS, returns="Money", group="", input="", value="",
         **files):
    """Every line of a small programme with one mistake, followed by what would be known there instead."""
    rules = f"{decorator or R.strip()}\ndef answer(spend: Money) -> Money:\n    return spend\n"
    if not decorator and not input:
        body = line if line.startswith("return") else f"{line}\n    return spend" if line else "return spend"
        rules = R + f"def answer({arguments}) -> {returns}:\n    {body}\n{group}\n"
    if input:  # beside one that is right
        files["form"] = f"inputs:\n  spend: {{type: money, from: form, words: {THREE}}}\n  other: {input}\n"
    if value:
        files["values"] = f"cap:\n  unit: money\n  words: {THREE}\n  values:\n    - {{{value}}}\n"
    try:
        load(folder, HEAD + module + "\n" if module else rules, SPEND, **files)
    except WestlakeError as refused:
        return [problem.line() + (f" [{problem.values['known']}]" if "known" in problem.values else "")
                for problem in refused.problems]
    return ["nothing"]


@pytest.mark.parametrize("case", yaml.safe_load(CASES.read_text("utf-8")),
                         ids=lambda case: " ".join(f"{name}: {text}" for name, text in case.items() if name != "told")[:60])
def test_a_mistake_is_told_where_it_stands(tmp_path, case):
    assert told(tmp_path, **{name: text for name, text in case.items() if name != "told"}) == case["told"]
