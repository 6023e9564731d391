"""What the desk keeps in the database, and which of it is only ever added to."""

from __future__ import annotations

from pathlib import Path

from westlake.database import Schema

_BY_ID = ("desk_role", "desk_fact", "desk_file", "desk_decision", "desk_notice", "desk_interest", "desk_run",
          "desk_bank", "desk_debarment", "desk_proposal", "desk_batch")
APPEND_ONLY: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_BY_ID, ("id",)),
    "desk_role_end": ("role",), "desk_call": ("id", "code"), "desk_call_terms": ("call, seq",),
    "desk_step": ("case_id, seq",), "desk_submission": ("case_id, number",), "desk_file_gone": ("file",),
    "desk_invitation": ("call, reviewer, seq",), "desk_assignment": ("case_id, reviewer, seq",),
    "desk_review": ("case_id, reviewer, seq",), "desk_place": ("run, case_id",),
    "desk_override": ("run, case_id, seq",), "desk_bank_check": ("bank",),
    "desk_payment": ("id", "case_id, attempt"), "desk_payment_outcome": ("payment, outcome",),
    "desk_batch_line": ("payment",), "desk_batch_release": ("batch",), "desk_bank_line": ("id", "bank_reference"),
    "desk_debarment_end": ("debarment",), "desk_proposal_end": ("proposal",),
}
SCHEMA = Schema(Path(__file__).parent / "schema", APPEND_ONLY)
