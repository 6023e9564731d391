"""Westlake: a city's support for innovation, written once as rules, rehearsed, operated and judged."""

__version__ = "0.3.0"
