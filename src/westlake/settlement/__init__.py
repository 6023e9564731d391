"""Settlement: decide, allot, hold, post, restate. The one way money moves.

`settle` decides a programme's year from claim lines and holds what the budget leaves of them;
`approve`, by a second person, posts it to the firms; `withdraw` sends a round back. Settling the
same year again settles what has changed since: a new line is owed, a lost one is recovered.
"""

from westlake.settlement.allotment import Allotment, Bid, allot
from westlake.settlement.approve import Approval, approve, withdraw
from westlake.settlement.claims import Line
from westlake.settlement.explain import SettledLine, explain_line, settled_lines
from westlake.settlement.order import Order, read_order
from westlake.settlement.recovery import repay
from westlake.settlement.rounds import Round, create, read_round, rounds_of
from westlake.settlement.settle import Request, settle
from westlake.settlement.terms import Terms, read_terms
from westlake.settlement.versions import restored

__all__ = ["Allotment", "Approval", "Bid", "Line", "Order", "Request", "Round", "SettledLine", "Terms", "allot",
           "approve", "create", "explain_line", "read_order", "read_round", "read_terms", "repay", "restored",
           "rounds_of", "settle", "settled_lines", "withdraw"]
