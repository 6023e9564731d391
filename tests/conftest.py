"""What all tests share: steady laws, and a skip that counts as a failure where nothing may be missing."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests import postgresql

settings.register_profile("westlake", deadline=None, print_blob=True,
                          suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("westlake")

LAKESIDE = Path(__file__).parent / "lakeside"


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server of these tests' own."""
    if postgresql.programs() is None:
        pytest.skip(postgresql.MISSING)
    with postgresql.running() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """Where an office keeps its books: a file, and again a server; as westlake.database.connect takes it."""
    if request.param == "sqlite":
        return tmp_path / "westlake.db"
    running = request.getfixturevalue("server")
    return running.address(running.new())


LONG = ("backup/", "bills/test_alibaba.py", "bills/test_fraud.py", "bills/test_generator.py",
        "cli/test_clearing.py", "cli/test_commands.py", "cli/test_reform.py", "cli/test_replay.py",
        "cli/test_tutorial.py", "desk/audit/", "desk/panel/test_choosing", "desk/panel/test_explanation",
        "desk/panel/test_fairness", "desk/paying/", "desk/plan/", "faults/", "journeys/",
        "ledger/test_commands.py", "ledger/test_extract", "reports/test_books", "reports/test_year",
        "rules/test_borrowed.py", "settlement/test_fiscal_year", "settlement/test_reform", "web/",
        )  # whole stories: left to `make test`


def _long(path):
    """Whether a file, or a folder, is long all through; wherever this project lies."""
    return any(part in f"{path.relative_to(Path(__file__).parent).as_posix()}/" for part in LONG)


def pytest_ignore_collect(collection_path, config):
    """What `make quick` leaves out altogether is not read either: that alone would take a fifth of its time."""
    tests = Path(__file__).parent
    return (config.option.markexpr == "not slow" and collection_path.is_relative_to(tests) and _long(collection_path)) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """`make quick` leaves out what needs a server, for it tells each story a second time, and what is long all through."""
    for item in items:
        on_a_server = "server" in item.fixturenames or "postgresql" in getattr(getattr(item, "callspec", None), "id", "")
        if on_a_server or _long(item.path):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("WESTLAKE_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
