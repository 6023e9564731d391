"""Guards and effects that touch money: promises held against the budget, postings, payments, recoveries."""

from __future__ import annotations

from collections.abc import Callable

from westlake.errors import Problem

GUARDS: dict[str, Callable[..., Problem | None]] = {}
EFFECTS: dict[str, Callable[..., None]] = {}
