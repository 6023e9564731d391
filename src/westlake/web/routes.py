"""Every address of the console in one table: each room's file ends at its own lines, all are gathered here."""

from __future__ import annotations

from django.urls import ResolverMatch, include, path

from westlake.web import api
from westlake.web.guards import Anyone, Guard, Route, SignedIn
from westlake.web.pages import (
    account,
    calendar,
    firms,
    firms_speakers,
    health,
    home,
    jobs,
    people,
    people_erasing,
    privacy,
    tokens,
)
from westlake.web.pages.applicant import (
    application_form,
    application_story,
    applications,
    attachments,
    eligibility_check,
    firm,
    inbox,
    open_calls,
    receipts,
    taking_over,
)
from westlake.web.pages.audit import audit, audit_acts, audit_cases, audit_reports, audit_samples
from westlake.web.pages.cases import bulk, case_steps, case_story, cases, letters_waiting
from westlake.web.pages.money import (
    bank_columns,
    banking,
    batches,
    books,
    budgets,
    money,
    payments,
    recoveries,
    rounds,
    year_ends,
)
from westlake.web.pages.panel import assigning, choice_made, choosing, noticing, reviewing, reviews
from westlake.web.pages.plan import blueprint, calls, effort, programmes, proposals
from westlake.web.pages.public import portal

TABLE: tuple[Route, ...] = (
    *home.ROUTES, *calendar.ROUTES, *health.ROUTES, *account.ROUTES, *privacy.ROUTES, *people.ROUTES,
    *people_erasing.ROUTES, *blueprint.ROUTES, *effort.ROUTES, *proposals.ROUTES, *programmes.ROUTES, *calls.ROUTES,
    *cases.ROUTES, *bulk.ROUTES, *letters_waiting.ROUTES, *case_story.ROUTES, *case_steps.ROUTES, *reviews.ROUTES,
    *reviewing.ROUTES, *assigning.ROUTES, *choosing.ROUTES, *choice_made.ROUTES, *noticing.ROUTES, *money.ROUTES,
    *budgets.ROUTES, *year_ends.ROUTES, *payments.ROUTES, *batches.ROUTES, *banking.ROUTES, *bank_columns.ROUTES,
    *recoveries.ROUTES, *rounds.ROUTES, *books.ROUTES, *firms.ROUTES, *firms_speakers.ROUTES, *portal.ROUTES,
    *audit.ROUTES, *audit_cases.ROUTES, *audit_samples.ROUTES, *audit_reports.ROUTES, *audit_acts.ROUTES,
    *open_calls.ROUTES, *eligibility_check.ROUTES, *applications.ROUTES, *inbox.ROUTES, *application_story.ROUTES,
    *application_form.ROUTES, *attachments.ROUTES, *receipts.ROUTES, *taking_over.ROUTES, *firm.ROUTES, *tokens.ROUTES,
    *jobs.ROUTES,
)
APIS = (api.API,)  # each NinjaAPI: its operations' functions carry a `guard` of their own

_OWN = SignedIn(person=False)  # one's own log-in, before the desk knows the person too
_SENSITIVE = SignedIn(person=False, fresh=True, unset_passes=True)  # by the second factor of those who have one
# The addresses of the log-in's library, which checks more by itself.
INCLUDED: dict[str, Guard] = {
    **dict.fromkeys(("account_login", "account_inactive", "account_signup", "account_email_verification_sent",
                     "account_reset_password", "account_confirm_login_code", "account_confirm_password_reset_code",
                     "account_complete_password_reset", "account_password_reset_completed", "mfa_authenticate",
                     "mfa_login_webauthn", "socialaccount_login_cancelled", "socialaccount_login_error",
                     "socialaccount_signup", "openid_connect_login", "openid_connect_callback"), Anyone()),
    **dict.fromkeys(("account_reauthenticate", "account_change_password", "account_set_password", "mfa_index",
                     "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_activate_totp", "mfa_list_webauthn",
                     "mfa_edit_webauthn", "mfa_view_recovery_codes", "mfa_download_recovery_codes",
                     "socialaccount_connections"), _OWN),
    **dict.fromkeys(("account_email", "mfa_deactivate_totp", "mfa_remove_webauthn", "mfa_add_webauthn",
                     "mfa_generate_recovery_codes"), _SENSITIVE),
    "account_logout": Anyone(stopping=True),
}

_LOG_IN = [path("", include("allauth.account.urls")), path("2fa/", include("allauth.mfa.urls")),
           path("3rdparty/", include("allauth.socialaccount.urls")),
           path("", include("allauth.socialaccount.providers.openid_connect.urls"))]
urlpatterns = [*(one.address for one in (*TABLE, *api.ROUTES)), path("account/", include(_LOG_IN))]
handler400 = "westlake.web.trouble.bad_request"
handler403 = "westlake.web.trouble.forbidden"
handler404 = "westlake.web.trouble.not_found"
handler429 = "westlake.web.trouble.too_many"
handler500 = "westlake.web.trouble.broken"


def guard_of(match: ResolverMatch | None) -> Guard | None:
    """The guard of what an address leads to; None when nobody declared one."""
    if match is None:
        return None
    own = getattr(match.func, "guard", None)
    return own if isinstance(own, Guard) else INCLUDED.get(match.url_name or "")
