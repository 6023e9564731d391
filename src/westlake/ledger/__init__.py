"""Every fen, twice: append-only books with holds, periods and a chain that shows tampering."""

from westlake.ledger.balances import Balance, Line, Statement
from westlake.ledger.books import Books
from westlake.ledger.journal import Entry, Journal, Posted, Transfer
from westlake.ledger.periods import Anchor, Closing

__all__ = ["Anchor", "Balance", "Books", "Closing", "Entry", "Journal", "Line", "Posted", "Statement", "Transfer"]
