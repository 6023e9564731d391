"""Every act that is not money, append-only and chained: who did what, when, on which version."""

from westlake.record.record import Act, Record

__all__ = ["Act", "Record"]
