"""Who may get what, and why: the rules of a programme, decided one case at a time or a million rows at once.

The language of a rules.py (grammar.py holds the whitelist, ranges.py the proof):

- A rule is a function with `@rule(source=…, clause=…)` above it. Its arguments are other rules, inputs of
  form.yaml, values of values.yaml, or `day`, the day decided for; each is annotated with its kind: Money,
  FineMoney, Rate, Day, Count, Bool, Choice, Id, or Table[kind] for a value that differs by choice.
- Inside: assignments to new names, if, return; + - * // %, comparisons, and, or, not, `a if t else b`; min, max,
  abs; the share functions of money.py and the calendar of dates.py. Nothing else, and no number with a point.
- Choices are written by their names and nowhere but beside a choice: `size == "small"`, `size in ("small",
  "large")`, `rates["small"]`, and `return "small"` in a rule with `choices=("small", "large")`. Each name is
  checked against the declared choices and becomes its place in their list before anything runs, so there
  is no text in a decision, and no constant to import.
- Kinds are checked (money with money, days with days; a rate is applied by a share function only), and ranges
  are proved from form.yaml's min and max: a programme that loads cannot overflow, divide by zero or ask a
  share of too large an amount, in any of its runs. What could is refused, at its place.
- A rule may have variants, each in force from `start` to `end`, both included: no day twice, none left out.
- `so_far("claim", by=("firm", "year"))`, `most_so_far(…)`, `total(…)` look beyond the row: earlier rows of the
  same group in the order given, or all of them. A sum that leaves ±1e15 stops the run at its row.

One text, three runs: traced (`decide`), plain Python (plain.py), compiled (`run`); the same fen in each.
"""

from westlake.dates import add_months, day_number, day_of_month, month_of, months_between, year_of, years_between
from westlake.money import (
    fine_share_half_up,
    part_down,
    part_half_up,
    share_down,
    share_half_even,
    share_half_up,
    share_up,
)
from westlake.rules.case import read_case
from westlake.rules.decision import Decision
from westlake.rules.form import Input
from westlake.rules.kinds import Kind
from westlake.rules.language import (
    WHOLE,
    Bool,
    Choice,
    Count,
    Day,
    FineMoney,
    Id,
    Money,
    Rate,
    Table,
    most_so_far,
    rule,
    so_far,
    total,
)
from westlake.rules.load import load_programme, propose, regimes
from westlake.rules.programme import Programme
from westlake.rules.sources import Citation, Source
from westlake.rules.trace import Argument, Step
from westlake.rules.values import Dated, Value

__all__ = [
    "WHOLE", "Argument", "Bool", "Choice", "Citation", "Count", "Dated", "Day", "Decision", "FineMoney", "Id",
    "Input", "Kind", "Money", "Programme", "Rate", "Source", "Step", "Table", "Value", "add_months", "day_number",
    "day_of_month", "fine_share_half_up", "load_programme", "month_of", "months_between", "most_so_far",
    "part_down", "part_half_up", "propose", "read_case", "regimes", "rule", "share_down", "share_half_even",
    "share_half_up", "share_up", "so_far", "total", "year_of", "years_between",
]
