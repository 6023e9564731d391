"""A cell that cannot stand where it stands, and why."""

from __future__ import annotations

from westlake.errors import Place, Problem


class Unfit(ValueError):
    """A cell that cannot stand where it stands: the code that says so, and what the code's words need."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def problem(self, place: Place) -> Problem:
        """The same as a problem at its place."""
        values = dict(self.values)
        hint = str(values.pop("suggestion", ""))
        return Problem(self.code, place, values, hint)
