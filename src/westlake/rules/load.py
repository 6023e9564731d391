"""Reads a programme's folder: everything that is wrong with it is collected, then shown together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from westlake.digest import file_sha256, fingerprint
from westlake.errors import Findings, Place, WestlakeError, nearest
from westlake.rules.examples import Example, ExampleReader
from westlake.rules.form import Form, read_form
from westlake.rules.grammar import Written, read_rules
from westlake.rules.graph import Graph, build, declared
from westlake.rules.lower import lower, make
from westlake.rules.plan import Law
from westlake.rules.programme import Programme
from westlake.rules.sources import Source, read_sources
from westlake.rules.tree import Sheet
from westlake.rules.valuebook import ValueReader, proposed
from westlake.rules.values import Value
from westlake.rules.wording import Worded, Wording, read_wording

FILES = ("rules.py", "form.yaml", "values.yaml", "words.yaml", "examples.yaml")
OFFICIAL = "official"


def load_programme(folder: Path, *, regime: str = OFFICIAL, reform: Path | None = None) -> Programme:
    """A programme from its folder, under a regime of its jurisdiction and, over that, somebody's reform.

    The folder holds rules.py, form.yaml, values.yaml, words.yaml and examples.yaml; its parent holds
    sources.yaml and regimes/. Raises WestlakeError with every problem found, in the order of places.
    """
    folder = Path(folder).resolve()
    findings = Findings()
    _check_files(folder, findings)
    sources = read_sources(Sheet(folder.parent / "sources.yaml", "sources.yaml", findings))
    written = read_rules(folder / "rules.py", "rules.py", findings)
    form = read_form(Sheet(folder / "form.yaml", "form.yaml", findings))
    choices = declared(written, form) | dict.fromkeys(written.broken | form.broken, ())
    reader = ValueReader(sources, choices, form.currency)
    values = reader.read(Sheet(folder / "values.yaml", "values.yaml", findings))
    values = _lay_over(folder, reader, values, regime, reform, findings)
    graph = build(written, form, values, reader.broken)
    _check_citations(written, sources)
    words = _words(folder, graph, findings)
    examples = _examples(folder, graph, form, findings)
    findings.stop()
    functions = {(name, at): make(lower(variant, graph.places, f"{name}_{at}"), str(written.source.path))
                 for name, variants in graph.rules.items() for at, variant in enumerate(variants)}
    law = Law(form.inputs, values, graph, functions)
    return Programme(folder.name, folder, regime, _digest(folder, regime, values), form, values, words, sources,
                     examples, written, graph, law)


def propose(programme: Programme, numbers: Mapping[str, int | Mapping[str, int]]) -> Programme:
    """The programme with other numbers for some values, on every day: for sweeps over many reforms.

    numbers: value → number, or choice → number for some of its choices (minor units, ppm, days …). What is
    proposed rests on itself, class I. Kernels are shared with the programme. Raises W121 for no such value,
    W010 for no such choice, W116 for a number beyond its kind, and what the proof says of the new numbers.
    """
    findings = Findings()
    values = dict(programme.values)
    for name, wanted in numbers.items():
        if name in values:
            values[name] = proposed(values[name], wanted, findings)
        else:
            findings.add("W121", Place(field=name), nearest(name, values), name=name, known=", ".join(values))
    findings.stop()
    written = replace(programme.written, source=programme.written.source.afresh(findings))
    graph = build(written, programme.form, values)
    findings.stop()
    return replace(programme, values=values, written=written, graph=graph, prepared={}, _plans={}, _traces={},
                   digest=_digest(programme.folder, programme.regime, values),
                   law=Law(programme.inputs, values, graph, programme.law.functions))


def _check_files(folder: Path, findings: Findings) -> None:
    """Without its files there is nothing to read: stops at once."""
    if not folder.is_dir():
        findings.add("W038", Place(str(folder)), _nearest_folder(folder), name=folder.name)
    else:
        for path in (*(folder / name for name in FILES), folder.parent / "sources.yaml"):
            if not path.is_file():
                findings.add("W001", Place(path.name), name=path.name, folder=str(path.parent))
    findings.stop()


def _nearest_folder(folder: Path) -> str:
    beside = folder.parent.iterdir() if folder.parent.is_dir() else ()
    return nearest(folder.name, [path.name for path in beside if (path / "rules.py").is_file()])


def _lay_over(folder: Path, reader: ValueReader, values: dict[str, Value], regime: str, reform: Path | None,
              findings: Findings) -> dict[str, Value]:
    """The values under a regime and a reform."""
    programmes = sorted(path.parent.name for path in folder.parent.glob("*/rules.py"))
    if regime != OFFICIAL:
        path = folder.parent / "regimes" / f"{regime}.yaml"
        if not path.is_file():
            known = regimes(folder.parent)
            raise WestlakeError.one("W039", suggestion=nearest(regime, known), name=regime, known=", ".join(known))
        values = reader.lay_over(values, Sheet(path, f"regimes/{path.name}", findings), folder.name, programmes)
    if reform is not None:
        if not Path(reform).is_file():
            raise WestlakeError.one("W001", name=Path(reform).name, folder=str(Path(reform).parent))
        sheet = Sheet(Path(reform), Path(reform).name, findings)
        values = reader.lay_over(values, sheet, folder.name, programmes, proposed=True)
    return values


def regimes(jurisdiction: Path) -> list[str]:
    """The regimes of a jurisdiction: `official`, and each file of its regimes/."""
    return [OFFICIAL, *sorted(path.stem for path in (jurisdiction / "regimes").glob("*.yaml"))]


def _check_citations(written: Written, sources: Mapping[str, Source]) -> None:
    for variant in written.variants:
        if variant.source not in sources:
            written.source.fault("W109", variant.place, nearest(variant.source, sources), name=variant.source)


def _words(folder: Path, graph: Graph, findings: Findings) -> Wording:
    def places(name: str) -> list[str]:
        return [name, *(need for need in graph.needs(name) if not (need in graph.nodes and graph.nodes[need].table))]
    wanted = {name: Worded(graph.nodes[name].kind, places(name), graph.nodes[name].choices)
              for name in (*graph.rules, *graph.groups)}
    return read_wording(Sheet(folder / "words.yaml", "words.yaml", findings), wanted, graph.broken)


def _examples(folder: Path, graph: Graph, form: Form, findings: Findings) -> tuple[Example, ...]:
    answers = {name: (graph.nodes[name].kind, graph.nodes[name].choices)
               for name in (*graph.rules, *graph.groups) if name not in graph.broken}
    reader = ExampleReader(form.inputs, answers, form.currency, graph.broken)
    return reader.read(Sheet(folder / "examples.yaml", "examples.yaml", findings))


def _digest(folder: Path, regime: str, values: Mapping[str, Value]) -> str:
    """The fingerprint of all that decides: the folder's files, the sources, the values as laid over."""
    files = {str(path.relative_to(folder)): file_sha256(path) for path in sorted(folder.rglob("*"))
             if path.is_file() and not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)}
    over = [[value.name, entry.in_force, entry.until, list(entry.numbers), entry.citation.source.id,
             entry.citation.clause, entry.citation.cls] for value in values.values() for entry in value.dated]
    sources = file_sha256(folder.parent / "sources.yaml")
    return fingerprint({"files": files, "sources": sources, "regime": regime, "values": over})
