"""Whom of the office an applicant writes to."""

from __future__ import annotations

from django.conf import settings

from westlake.desk.calls import Call
from westlake.web.visit import Visit

NOWHERE = "@localhost"  # where mail of a workspace goes that has not said from where its own comes


def contact_of(request: Visit, call: Call | None = None) -> str:
    """What a call says of it; else the agency, with the address that its mails come from."""
    if call is not None and call.terms.get("contact"):
        return str(call.terms["contact"])
    agency, address = request.office.settings.agency, str(settings.DEFAULT_FROM_EMAIL)
    return agency if address.endswith(NOWHERE) else f"{agency} ({address})"
