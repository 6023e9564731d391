"""A budget that no round has opened is one of the programme's years all the same: it is told, and it lapses."""

from tests.desk.counter import Counter

from westlake.dates import Period
from westlake.settlement.fiscal_year import end_year, year_end
from westlake.settlement.programme_years import programme_years


def test_the_desks_budget_lapses_but_for_what_is_held(tmp_path):
    counter = Counter(tmp_path / "westlake.db")
    case, applicant = counter.submitted(counter.call())
    counter.agreed(counter.take(case, "admit", "officer"), applicant)
    (year,) = programme_years(counter.connection)
    assert (year.programme, year.year, year.appropriated, year.held, year.available) == (
        "pier_challenge", 2026, 10_000_000, 1_000_000, 9_000_000)
    (end,) = year_end(counter.connection, Period.year(2026))
    assert (end.lapsed, end.carried_over, {one.firm for one in end.carried}) == (9_000_000, 1_000_000, {"heron"})
    end_year(counter.connection, Period.year(2026), "lee")
    (after,) = programme_years(counter.connection)
    assert (after.lapsed, after.held, after.available) == (9_000_000, 1_000_000, 0)
    counter.close()
