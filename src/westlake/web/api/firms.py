"""Firms, as the register knows them on a day."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from westlake.dates import iso, parse_day
from westlake.desk.applying.speaking import speaks_for
from westlake.desk.paying.bank_accounts import masked
from westlake.errors import WestlakeError
from westlake.register import Register
from westlake.web.api.money_schema import FirmOut
from westlake.web.api.operations import operation
from westlake.web.api.schema import Day, Named
from westlake.web.api.tokens import Bearer

router = Router(tags=["firms"])
WHO = Bearer("cases:read", "officer", "approver", "payer", "auditor", "chair", "applicant", "co_applicant")


@operation(router, "GET", "/firms/{firm}", WHO, FirmOut)
def show_firm(request: HttpRequest, firm: Named, day: Day | None = None) -> dict[str, object]:
    """Show a firm on a day. Each fact with who says so and how sure it is; applicants see the firm they speak for.

    Of a bank account the last four signs: whole it stands in the file for the bank only.
    """
    office = any(one.role not in ("applicant", "co_applicant") and one.role in WHO.names
                 for one in request.roles)
    number = parse_day(day) if day else request.office.today
    facts = Register(request.office.connection).of([firm], number).get(firm, {})
    if not facts or not (office or speaks_for(request.office.desk, request.person, firm)):
        raise WestlakeError.one("W920", what=f"firm {firm}")
    return {"firm": firm, "day": iso(number), "facts": [
        {"name": name, "value": masked(fact.value) if name == "bank_account" else fact.value,
         "assurance": fact.assurance, "source": fact.source}
        for name, fact in sorted(facts.items())]}
