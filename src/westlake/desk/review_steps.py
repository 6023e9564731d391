"""Guards and effects of reviewing and choosing: enough reviews, chosen by a selection, made known to all."""

from __future__ import annotations

from collections.abc import Callable

from westlake.errors import Problem

GUARDS: dict[str, Callable[..., Problem | None]] = {}
EFFECTS: dict[str, Callable[..., None]] = {}
