"""What the demo's invented people do, they do as the console lets people do it."""

import shutil
from pathlib import Path

import pytest

import westlake.programmes
from westlake.bills.generator import Generated, generate_firms
from westlake.cli import stages
from westlake.cli.demo import write_register
from westlake.cli.inbox import read_register
from westlake.cli.place import open_database
from westlake.desk.asking import is_asked
from westlake.desk.cases import answers
from westlake.workspace import Workspace

SHELF = Path(westlake.programmes.__file__).parent / "hangzhou"


@pytest.fixture
def play(tmp_path, monkeypatch):
    """A demo with three firms, whose people are entered and have done nothing yet."""
    monkeypatch.setattr(stages, "APPLICANTS", 3)
    monkeypatch.setattr(stages, "REVIEWERS", 0)
    shutil.copytree(SHELF, tmp_path / "programmes" / "hangzhou", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "westlake.toml").write_text("", "utf-8")
    workspace = Workspace.find(tmp_path)
    for place in workspace.folders:
        place.mkdir(exist_ok=True)
    write_register(workspace, generate_firms(3, 7), Generated(), 7, "en")
    connection = open_database(workspace)
    found = stages.Play(workspace, connection, "open", 7)
    read_register(connection, workspace, found.desk.today(), "registry", found.clock)
    found.cast()
    yield found
    connection.close()


def test_nobody_in_the_demo_answers_what_their_route_does_not_ask(play):
    call = play.call("talent", "TL")
    routes = play.desk.offered("talent").workflow.asked_when
    for firm in play.applicants:
        written = answers(play.desk, play.apply_talent(call, firm))
        assert written["benefit"] == "startup"
        assert [name for name in written if not is_asked(routes, name, written)] == []
        assert {"founder", "largest_holder", "spend"} <= written.keys()
