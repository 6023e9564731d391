"""The three-rule voucher that all engines decide: its rows, its figures and the exact answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

DAY = "2025-06-01"
MINIMUM = 100_000  # 1,000.00
CAP = 20_000_000  # 200,000.00
RATES = (400_000, 400_000, 300_000, 300_000)  # ppm by size: micro, small, medium, large
BYTES = 8 + 8 + 1 + 8  # a row: two amounts and a class read, one amount written


def rows_of(count: int, seed: int = 7) -> dict[str, np.ndarray]:
    """Spend in fen, log-normal (median some 2,700 yuan, tail to tens of millions), and four sizes of firm."""
    chance = np.random.default_rng(seed)
    return {
        "spend_compute": np.exp(chance.normal(12.5, 2.0, count)).astype(np.int64),
        "spend_storage": np.exp(chance.normal(11.0, 1.5, count)).astype(np.int64),
        "size_class": chance.choice(4, count, p=[0.7, 0.2, 0.07, 0.03]).astype(np.int8),
    }


def exact(rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """The voucher in one numpy expression: 0 below the least spend, else the share rounded down, up to the cap."""
    spend = rows["spend_compute"] + rows["spend_storage"]
    share = spend * np.array(RATES)[rows["size_class"]] // 1_000_000
    return np.where(spend < MINIMUM, 0, np.minimum(share, CAP))
