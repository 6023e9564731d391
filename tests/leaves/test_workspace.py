"""Settings are found upward, overridden by the environment, and their mistakes have a place."""

import pytest

from westlake.errors import WestlakeError
from westlake.workspace import Workspace, read_settings


def problems(call):
    with pytest.raises(WestlakeError) as caught:
        call()
    return [problem.line() for problem in caught.value.problems]


def test_found_from_a_folder_below(tmp_path):
    (tmp_path / "westlake.toml").write_text('city = "Lakeside"\n')
    (tmp_path / "bills" / "2025").mkdir(parents=True)
    workspace = Workspace.find(tmp_path / "bills" / "2025")
    assert (workspace.folder, workspace.settings.city) == (tmp_path, "Lakeside")


def test_none_found(tmp_path):
    assert problems(lambda: Workspace.find(tmp_path)) == [f"{tmp_path} W702 no westlake.toml here or in any folder above"]


def test_environment_wins(tmp_path, monkeypatch):
    (tmp_path / "westlake.toml").write_text('lang = "ko"\n')
    monkeypatch.setenv("WESTLAKE_LANG", "zh")
    assert read_settings(tmp_path / "westlake.toml").lang == "zh"


def test_mistakes_come_together_with_their_lines(tmp_path):
    (tmp_path / "westlake.toml").write_text('city = "Lakeside"\ncurency = "CNY"\nlang = "fr"\n')
    assert problems(lambda: read_settings(tmp_path / "westlake.toml")) == [
        'westlake.toml lang W705 setting "lang" cannot be "fr"; it is one of en, ko, zh',
        'westlake.toml:2:1 W704 unknown setting "curency"; did you mean "currency"?',
    ]


def test_broken_toml(tmp_path):
    (tmp_path / "westlake.toml").write_text("city = \n")
    assert "W703" in problems(lambda: read_settings(tmp_path / "westlake.toml"))[0]
