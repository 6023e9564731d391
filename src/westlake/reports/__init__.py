"""Reports: one self-contained page of a settled year, that opens anywhere, prints well and says how to remake it."""

from westlake.reports.year import Stamp, write_year

__all__ = ["Stamp", "write_year"]
