"""Who may get what, and why: the rules of a programme, decided one case at a time or a million rows at once."""

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
from westlake.rules.load import load_programme, regimes
from westlake.rules.programme import Programme
from westlake.rules.sources import Citation, Source
from westlake.rules.trace import Argument, Step
from westlake.rules.values import Dated, Value

__all__ = [
    "WHOLE", "Argument", "Bool", "Choice", "Citation", "Count", "Dated", "Day", "Decision", "FineMoney", "Id",
    "Input", "Kind", "Money", "Programme", "Rate", "Source", "Step", "Table", "Value", "add_months", "day_number",
    "day_of_month", "fine_share_half_up", "load_programme", "month_of", "months_between", "most_so_far",
    "part_down", "part_half_up", "read_case", "regimes", "rule", "share_down", "share_half_even", "share_half_up",
    "share_up", "so_far", "total", "year_of", "years_between",
]
