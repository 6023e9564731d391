"""Asks on a terminal which column of a spreadsheet holds what; every answer can be skipped, and all can be saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import typer
from rich.console import Console

from westlake.replay import UNITS, Column, ColumnMap, Guess, Table, constant, write_map
from westlake.rules import Kind, Programme
from westlake.spreadsheet import column_letters, said
from westlake.words import say

Ask = Callable[[str, str], str]  # a question and what Enter means → the answer
NONE = "-"


def ask_columns(table: Table, proposed: Guess, programme: Programme, needed: tuple[str, ...], lang: str,
                console: Console, ask: Ask | None = None, save: bool = True) -> ColumnMap:
    """The columns as a person names them, guesses first; the answers are saved where the last one says.

    save: ask for that; not where the command has said already.
    """
    put = ask or _ask
    console.print(say("cli.replay.columns_are", lang, file=table.name), markup=False)
    for place, heading in enumerate(table.headings):
        if heading:
            sample = said(table.rows[0][1][place]) if place < len(table.rows[0][1]) else ""
            console.print(f"  {column_letters(place):>2}  {heading}  ({sample})", markup=False)
    console.print(say("cli.replay.how", lang))
    answers = {}
    for name, column in proposed.columns.columns().items():
        answers[name] = _answer(table, programme, name, column, lang, console, put)
    chosen = replace(proposed.columns, case=answers["case"], day=answers["day"], amount=answers["amount"],
                     verdict=answers["verdict"], inputs={name: answers[name] for name in needed})
    file = put(say("cli.replay.save", lang), "") if save else ""
    if file:
        Path(file).write_text(write_map(chosen, {}, programme.currency), "utf-8")
    return chosen


def _answer(table: Table, programme: Programme, name: str, column: Column, lang: str, console: Console,
            put: Ask) -> Column:
    item = programme.inputs.get(name)
    label = programme.in_words(name, lang) if item else say(f"replay.role.{name}", lang)
    label += f" ({', '.join(item.choices)})" if item and item.choices else ""
    stands = f"={column.constant}" if column.constant is not None else column.heading or NONE
    while True:
        answer = put(label, stands)
        found = _read(table, programme, name, column, answer, stands)
        if found is not None:
            break
        console.print(say("errors.W132.says", lang, name=answer, known=", ".join(filter(None, table.headings))),
                      markup=False)
    money = name == "amount" or (item is not None and item.kind in (Kind.MONEY, Kind.FINE))
    if found.heading and money and not found.unit:
        unit = put(say("cli.replay.unit", lang), programme.currency)
        found = replace(found, unit=unit if unit in UNITS else "")
    return found


def _read(table: Table, programme: Programme, name: str, column: Column, answer: str, stands: str) -> Column | None:
    """The column that an answer names; None for no heading, no letter and no value that the form takes."""
    if answer == stands:
        return column
    if answer == NONE:
        return Column(rule=column.rule)
    if answer.startswith("="):
        value, item = answer[1:].strip(), programme.inputs.get(name)
        try:
            return Column(constant=value, rule=column.rule) if item is None or (
                item.low <= constant(item, Column(constant=value), programme.currency) <= item.high) else None
        except ValueError:
            return None
    for place, heading in enumerate(table.headings):
        if heading and answer.casefold() in (heading.casefold(), column_letters(place).casefold()):
            return Column(heading, rule=column.rule)
    return None


def _ask(question: str, stands: str) -> str:
    return str(typer.prompt(question, default=stands, show_default=bool(stands), err=True)).strip()
