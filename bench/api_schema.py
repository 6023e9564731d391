"""The interface under all that its description allows and forbids, for every role: `python -m bench.api_schema 200`."""

from __future__ import annotations

import sys


def main(examples: str = "100") -> int:
    """Run the exploration of tests/web for all roles, so many requests of each operation and kind."""
    import pytest

    from westlake.desk.people import ROLES

    class Longer:
        @pytest.fixture(params=ROLES)
        def role(self, request):
            return request.param

        @pytest.fixture
        def examples(self):
            return int(examples)

    return int(pytest.main(["-q", "--durations=13", "tests/web/long_schema.py"], plugins=[Longer()]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
