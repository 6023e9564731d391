"""Named places where a drill may stop the program dead, to show that nothing is ever half done."""

from __future__ import annotations

import os


def failpoint(name: str) -> None:
    """End the process at once, as a power cut would, when WESTLAKE_FAILPOINT names this place."""
    if os.environ.get("WESTLAKE_FAILPOINT") == name:
        os._exit(137)
