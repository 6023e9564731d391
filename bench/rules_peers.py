"""The same voucher in other people's engines, each written as its own guides write it. Needs nothing of Westlake.

`python -m bench.rules_peers NAME ROWS` prints one JSON line; exit 3 when the engine is not installed.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.rules_voucher import CAP, MINIMUM, RATES, exact, rows_of

Columns = dict[str, np.ndarray]
Run = Callable[[], np.ndarray]


def main(name: str, count: int) -> None:
    """Measures one engine on so many rows."""
    rows = rows_of(count)
    try:
        title, run = ENGINES[name](rows)
    except ImportError as error:
        print(error)
        sys.exit(3)
    found = np.asarray(run())
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        run()
        best = min(best, time.process_time() - begun)
    wrong = int((np.rint(found).astype(np.int64) != exact(rows)).sum())
    print(json.dumps({"name": title, "cpu": best, "wrong": wrong}))


def polars(rows: Columns) -> tuple[str, Run]:
    """A lazy query, streamed."""
    import os

    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    spend = pl.col("spend_compute") + pl.col("spend_storage")
    rate = pl.when(pl.col("size_class") <= 1).then(pl.lit(RATES[0])).otherwise(pl.lit(RATES[2]))
    pay = pl.when(spend < MINIMUM).then(0).otherwise(pl.min_horizontal(spend * rate // 1_000_000, pl.lit(CAP)))
    query = pl.DataFrame(rows).lazy().select(pay.alias("payout"))
    return f"polars {pl.__version__} lazy", lambda: query.collect(engine="streaming")["payout"].to_numpy()


def openfisca(rows: Columns, kind: type = int) -> tuple[str, Run]:
    """Variables over a year; the rate from a parameter node. `int` with 64-bit arithmetic spelled out, or `float`."""
    from importlib.metadata import version

    from openfisca_core.simulation_builder import SimulationBuilder

    system = _openfisca_system(kind)
    simulation = SimulationBuilder().build_default_simulation(system, count=len(rows["size_class"]))
    for name in ("spend_compute", "spend_storage"):
        simulation.set_input(name, "2025", rows[name].astype(np.float32) if kind is float else rows[name])
    simulation.set_input("size_class", "2025", rows["size_class"])

    def run() -> np.ndarray:
        for name in ("spend", "rate", "payout"):
            simulation.delete_arrays(name)
        return simulation.calculate("payout", "2025")

    style = "float, idiomatic" if kind is float else "int64 spelled out"
    return f"openfisca {version('openfisca-core')} {style}", run


def _openfisca_system(kind: type) -> object:
    from openfisca_core.entities import build_entity
    from openfisca_core.indexed_enums import Enum
    from openfisca_core.periods import YEAR
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    firm = build_entity(key="firm", plural="firms", label="Firm", is_person=True)

    class Size(Enum):
        micro, small, medium, large = "Micro", "Small", "Medium", "Large"

    def variable(name: str, value: type, formula: Callable | None = None) -> type:
        more = {"possible_values": Size, "default_value": Size.micro} if value is Enum else {}
        more |= {"formula": formula} if formula else {}
        always = {"value_type": value, "entity": firm, "definition_period": YEAR, "label": name}
        return type(name, (Variable,), always | more)

    rate, spend, payout = _openfisca_formulas(kind)
    system = TaxBenefitSystem([firm])
    with tempfile.TemporaryDirectory() as folder:
        _openfisca_parameters(Path(folder) / "voucher")
        system.load_parameters(folder)
    inputs = (("size_class", Enum, None), ("spend_compute", kind, None), ("spend_storage", kind, None))
    for name, value, formula in (*inputs, ("spend", kind, spend), ("rate", int, rate), ("payout", kind, payout)):
        system.add_variable(variable(name, value, formula))
    return system


def _openfisca_formulas(kind: type) -> tuple[Callable, Callable, Callable]:
    def rate(population, period, parameters):
        node = parameters(period).voucher.rate
        if kind is float:
            return node[population("size_class", period)]
        return np.where(population("size_class", period).view(np.ndarray) <= 1, node.micro, node.large)

    def spend(population, period):
        return population("spend_compute", period) + population("spend_storage", period)

    def payout(population, period, parameters):
        law, base, share = parameters(period).voucher, population("spend", period), population("rate", period)
        raw = np.floor(base * share / 1_000_000) if kind is float else base.astype(np.int64) * share // 1_000_000
        return np.where(base < law.minimum, 0, np.minimum(raw, law.cap))

    return rate, spend, payout


def _openfisca_parameters(folder: Path) -> None:
    folder.mkdir()
    value = "values:\n  2020-01-01:\n    value: {}\n"
    for name, number in (("minimum", MINIMUM), ("cap", CAP)):
        (folder / f"{name}.yaml").write_text("description: a number\n" + value.format(number))
    rates = [f"{size}:\n  values: {{2020-01-01: {{value: {RATES[at]}}}}}\n"
             for at, size in enumerate(("micro", "small", "medium", "large"))]
    (folder / "rate.yaml").write_text("description: rate\n" + "".join(rates))


def ttsim(rows: Columns, kind: type = int) -> tuple[str, Run]:
    """A policy of two functions, prebuilt: whole cents, or amounts of money rounded down by a RoundingSpec."""
    logging.disable()
    from importlib.metadata import version

    from ttsim import InputData, OrigPolicyObjects, TTTargets, main
    from ttsim.tt import Currency, UnitSystem

    folder = Path(tempfile.mkdtemp())
    text = _TTSIM.format(
        kind=kind.__name__,
        minimum=_money(MINIMUM, kind),
        cap=_money(CAP, kind),
        share="* rate // 1000000" if kind is int else "* rate / 1000000",
        rounding="" if kind is int else ', rounding_spec=RoundingSpec(0.01, "down", unit=TTSIMUnit.EUR.PER_YEAR)',
    )
    (folder / "voucher.py").write_text(text)
    amounts = {
        f"{name}_y": rows[name] if kind is int else rows[name] / 100 for name in ("spend_compute", "spend_storage")
    }
    data = {"p_id": np.arange(len(rows["size_class"])), **amounts, "size_class": rows["size_class"].astype(np.int64)}
    given = {
        "policy_date_str": "2025-06-01",
        "input_data": InputData.tree(data),
        "backend": "numpy",
        "tt_targets": TTTargets(tree={"payout_y": None}),
        "orig_policy_objects": OrigPolicyObjects.root(folder),
        "unit_system": UnitSystem(currencies={"EUR": Currency(statutory_from="0001-01-01")}),
        "include_warn_nodes": False,
    }
    function = main(main_target="tt_function", **given)
    columns = {name: column for name, column in main(main_target="processed_data", **given).items() if name != "p_id"}
    scale = 1 if kind is int else 100

    def run() -> np.ndarray:
        return function(columns)["payout_y"] * scale

    return f"ttsim {version('ttsim-backend')} prebuilt, {kind.__name__}", run


def _money(number: int, kind: type) -> str:
    return str(number) if kind is int else str(number / 100)


_TTSIM = """from ttsim.tt import RoundingSpec, TTSIMUnit, policy_function, policy_input


@policy_input(unit=TTSIMUnit.CURRENCY.PER_YEAR)
def spend_compute_y() -> {kind}:
    pass


@policy_input(unit=TTSIMUnit.CURRENCY.PER_YEAR)
def spend_storage_y() -> {kind}:
    pass


@policy_input(unit=TTSIMUnit.DIMENSIONLESS)
def size_class() -> int:
    pass


@policy_function(unit=TTSIMUnit.CURRENCY.PER_YEAR, verify_units=False)
def eligible_y(spend_compute_y: {kind}, spend_storage_y: {kind}) -> {kind}:
    return spend_compute_y + spend_storage_y


@policy_function(unit=TTSIMUnit.DIMENSIONLESS, verify_units=False)
def rate(size_class: int) -> int:
    if size_class <= 1:
        return 400000
    else:
        return 300000


@policy_function(unit=TTSIMUnit.CURRENCY.PER_YEAR, verify_units=False{rounding})
def payout_y(eligible_y: {kind}, rate: int) -> {kind}:
    if eligible_y < {minimum}:
        return 0
    else:
        return min(eligible_y {share}, {cap})
"""

ENGINES: dict[str, Callable[[Columns], tuple[str, Run]]] = {
    "polars": polars,
    "openfisca": openfisca,
    "openfisca_float": lambda rows: openfisca(rows, float),
    "ttsim": ttsim,
    "ttsim_float": lambda rows: ttsim(rows, float),
}

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
