"""Reports: self-contained pages of a settled year or one decision, that open anywhere and say how to remake them."""

from westlake.reports.decision import write_decision
from westlake.reports.year import Stamp, write_year

__all__ = ["Stamp", "write_decision", "write_year"]
