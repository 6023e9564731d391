"""An agency's own folder: its settings, programmes, bills, books and reports."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from westlake.database import has_password, without_password
from westlake.errors import Findings, Place, WestlakeError, nearest
from westlake.money import MINOR_DIGITS
from westlake.words import LANGUAGES

SETTINGS_FILE = "westlake.toml"
TABLES = ("web", "bank")  # read by the room that each is named after


@dataclass(frozen=True)
class Settings:
    """What an agency sets once; each can be overridden by WESTLAKE_<NAME>."""

    city: str = "Hangzhou"
    agency: str = "Innovation Office"
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"
    lang: str = "en"
    regime: str = "official"
    database: str = "westlake.db"


@dataclass(frozen=True)
class Workspace:
    """The folder that holds westlake.toml, and where everything in it lies."""

    folder: Path
    settings: Settings

    @property
    def programmes(self) -> Path:
        return self.folder / "programmes"

    @property
    def bills(self) -> Path:
        return self.folder / "bills"

    @property
    def register(self) -> Path:
        return self.folder / "register"

    @property
    def charges(self) -> Path:
        """Where taken-in bills lie as Parquet; made by Westlake, never edited."""
        return self.folder / "charges"

    @property
    def files(self) -> Path:
        """Where the files that people hand in lie, each under its hash."""
        return self.folder / "files"

    @property
    def rates(self) -> Path:
        """Exchange rates: currency, day, rate, source."""
        return self.folder / "fx.csv"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Its own folders: those that hold what people brought, or what was made of it."""
        return self.programmes, self.register, self.bills, self.charges, self.files

    @property
    def database(self) -> Path | str:
        """The file of the books, or the address of their server; as westlake.database.connect takes it."""
        where = self.settings.database
        return where if "://" in where else self.folder / where

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """The nearest workspace at or above a folder; W702 if there is none."""
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / SETTINGS_FILE).is_file():
                return cls(folder, read_settings(folder / SETTINGS_FILE))
        raise WestlakeError.one("W702", Place(str(start)))


def read_settings(path: Path) -> Settings:
    """The settings of a westlake.toml with WESTLAKE_* over them; W703 to W705 and W709 for what is wrong."""
    findings = Findings()
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WestlakeError.one("W703", Place(path.name), what=str(error)) from error
    known = [setting.name for setting in fields(Settings)]
    lines = path.read_text("utf-8").splitlines()
    for name in written:
        if name not in known and name not in TABLES:
            line = next((n for n, text in enumerate(lines, 1) if text.lstrip().startswith(name)), 0)
            findings.add("W704", Place(path.name, line, 1), nearest(name, known), name=name)
    values = {name: str(written[name]) for name in known if name in written}
    _check_address(values.get("database", ""), path.name, findings)
    values |= {name: os.environ[env(name)] for name in known if env(name) in os.environ}
    _check_values(values, path.name, findings)
    findings.stop()
    return Settings(**values)


def address_to_write(database: str) -> str:
    """A database as a westlake.toml may name it, for `new` and `restore`.

    WESTLAKE_DATABASE may carry a password, which stays there: its address is written without it. Given in any
    other way such an address is W709.
    """
    if database == os.environ.get(env("database")):
        return without_password(database)
    findings = Findings()
    _check_address(database, SETTINGS_FILE, findings)
    findings.stop()
    return database


def env(name: str) -> str:
    """The environment variable that overrides a setting."""
    return f"WESTLAKE_{name.upper()}"


def _check_address(database: str, file: str, findings: Findings) -> None:
    if has_password(database):
        findings.add("W709", Place(file, field="database"))


def _check_values(values: Mapping[str, str], file: str, findings: Findings) -> None:
    allowed = {"currency": sorted(MINOR_DIGITS), "lang": list(LANGUAGES)}
    for name, choices in allowed.items():
        if name in values and values[name] not in choices:
            findings.add("W705", Place(file, field=name), nearest(values[name], choices),
                         name=name, value=values[name], choices=", ".join(choices))
