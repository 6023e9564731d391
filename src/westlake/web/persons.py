"""Joins a log-in to the desk's person: who is at the console, with which roles, since when, in which language."""

from __future__ import annotations

from typing import Any, NamedTuple

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed
from allauth.account.signals import user_logged_in as came_in
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import clear
from allauth.core.internal.ratelimit import consume as usage
from allauth.core.ratelimit import consume, respond_429
from allauth.mfa.signals import authentication_failed
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.transaction import atomic
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from westlake.database import transaction
from westlake.desk import consents, people
from westlake.errors import Place, WestlakeError
from westlake.web import notice, office
from westlake.web.models import Login
from westlake.web.pages.applicant.kept_answers import ENDS
from westlake.words import LANGUAGES, say

SINCE = "since"  # session: when it began, microseconds UTC
AS = "standing_as"  # session: the person as whom an admin looks
TELL_AGAIN_S = 3600  # of wrong codes somebody is told once in this time
OWES = "owes_consent"  # session: the notice on personal data has changed, and its person has not agreed to it yet
LANG_COOKIE = "westlake_lang"
DJANGO_LANG = {"en": "en", "ko": "ko", "zh": "zh-hans"}


class _Site(NamedTuple):
    """Who writes, as the log-in's letters name them."""

    name: str
    domain: str


class AccountAdapter(DefaultAccountAdapter):
    """Log-in as allauth does it, with letters in the person's language."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = self.request
        with translation.override(DJANGO_LANG[getattr(request, "lang", "en")]):
            super().send_mail(template_prefix, email, {**context, "current_site": _Site(
                office.here().settings.agency, request.get_host() if request else "")})

    def format_email_subject(self, subject: str) -> str:
        return f"[{office.here().settings.agency}] {subject}"

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Too many tries are told on a page of their own, in the reader's language: not as a mistake of the form's."""
        if code == "too_many_login_attempts" and self.request is not None:
            raise ImmediateHttpResponse(respond_429(self.request))
        return super().validation_error(code, *args)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Take a try at a password, or refuse it: by limits of its own, those of codes are too low for it. A stranger
        can send wrong passwords and nothing else, and is not to keep anybody out with them."""
        self._login_failed_rl_usage = usage(
            request, app="allauth.account", action="login_failed", config={"login_failed": settings.PASSWORD_TRIES},
            key=self._get_login_attempts_cache_key(request, **credentials))
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """After a new password its account's tries begin anew."""
        clear(request, app="allauth.account", action="login_failed", config={"login_failed": settings.PASSWORD_TRIES},
              key=self._get_login_attempts_cache_key(request, **credentials))

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """All of it or nothing: where the desk refuses an address, or somebody else has just confirmed it, the log-in
        keeps the one it had. W901 from the desk."""
        try:
            with atomic():
                return bool(super().confirm_email(request, email_address))
        except IntegrityError:
            self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt",
                             {"email": email_address.email})
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(request.META.get("REMOTE_ADDR", ""))


def attach(request: HttpRequest) -> None:
    """Give a request its office, person, roles and language; end a session that began before the roles changed."""
    request.office = office.here()
    request.person = request.impersonator = None
    request.roles = frozenset()
    if request.user.is_authenticated and request.user.person:
        _find(request)
    request.lang = _language(request)
    translation.activate(DJANGO_LANG[request.lang])
    request.LANGUAGE_CODE = translation.get_language()


def _find(request: HttpRequest) -> None:
    here = office.here()
    found = people.with_roles(here.connection, request.user.person, here.now())
    if found is None:
        return
    own, roles, changed = found
    if changed > request.session.get(SINCE, 0):
        logout(request)
        messages.info(request, say("web.people.roles_changed", own.language))
        return
    request.person, request.roles = own, roles
    other = request.session.get(AS)
    if other and any(held.role == "admin" for held in request.roles):
        shown = people.with_roles(here.connection, other, here.now())
        if shown is not None:
            request.impersonator, request.person, request.roles = own, shown[0], shown[1]


def _language(request: HttpRequest) -> str:
    """What was chosen by hand, else the person's own, else the browser's, else the workspace's."""
    asked = [request.GET.get("lang"), request.COOKIES.get(LANG_COOKIE),
             request.person and request.person.language,
             *(part.split(";")[0].strip()[:2].lower() for part in
               request.headers.get("Accept-Language", "").split(","))]
    return next((lang for lang in asked if lang in LANGUAGES), office.here().settings.lang)


def comes_from_outside(login: Login) -> bool:
    """Whether a log-in that the desk does not know yet will be somebody's who holds no role of the office."""
    here = office.here()
    person = people.person_by_email(here.connection, login.email)
    return person is None or all(held.role in people.OUTSIDE
                                 for held in people.roles_of(here.connection, person.id, here.now()))


def link(login: Login, name: str, organisation: str, language: str, agreed: str = "") -> people.Person:
    """Join a log-in to the person of its verified address, who is entered when the desk has none yet.

    Whoever registers here is an applicant; other roles are given by an admin. agreed: the notice on personal data that
    they agreed to, by its digest; none is asked of the office's own. W902 for a name that
    cannot be kept; W1132 where the person of this address has a log-in already: nobody comes into another's place.
    """
    here = office.here()
    person = people.person_by_email(here.connection, login.email)
    if person is not None and not verified(login):
        raise WestlakeError.one("W902", field="email")
    if person is not None and Login.objects.filter(person=person.id).exclude(pk=login.pk).exists():
        raise _has_log_in(login)
    with transaction(here.connection):
        if person is None:
            person = people.add_person(here.connection, name, login.email, organisation, language, at=here.now())
            people.grant_role(here.connection, person.id, "applicant", at=here.now())
        if agreed:
            consents.agree(here.record, person, agreed, language)
    login.person, login.language = person.id, language
    try:
        with atomic():
            login.save(update_fields=["person", "language"])
    except IntegrityError as error:  # another log-in was quicker
        raise _has_log_in(login) from error
    return person


def _has_log_in(login: Login) -> WestlakeError:
    return WestlakeError.one("W1132", Place(field="email"), email=login.email)


def verified(login: Login) -> bool:
    """Whether the log-in's address was shown to be its own."""
    return EmailAddress.objects.filter(user=login, email__iexact=login.email, verified=True).exists()


def email_tried(request: HttpRequest | None, credentials: dict[str, str] | None = None) -> str:
    """The address with which somebody tried to log in, for counting failures."""
    tried = (credentials or {}).get("email") or (request.POST.get("login", "") if request else "")
    return tried.strip().lower()


def began(request: HttpRequest) -> None:
    """Let this session count as begun now, after a change of roles that its own person has just seen."""
    request.session[SINCE] = office.here().now()


def listen() -> None:
    """Note for each session when it began, at log-out that what the browser keeps of it ends; let the desk follow a
    change of address; tell of wrong codes."""
    user_logged_in.connect(_logged_in, dispatch_uid="westlake.since")
    user_logged_out.connect(_logged_out, dispatch_uid="westlake.ends")
    came_in.connect(_came_in, dispatch_uid="westlake.consent")
    email_changed.connect(_address_changed, dispatch_uid="westlake.address")
    authentication_failed.connect(_code_failed, dispatch_uid="westlake.wrong_codes")


def _logged_in(sender: object, request: HttpRequest | None, user: Login, **more: object) -> None:
    if request is not None:
        began(request)


def _came_in(sender: object, request: HttpRequest, user: Login, **more: object) -> None:
    """Ask those from outside who have not agreed to the notice on personal data as it now stands."""
    here = office.here()
    found = people.with_roles(here.connection, user.person, here.now()) if user.person else None
    if found is not None and notice.owes(found[0], found[1]):
        request.session[OWES] = True


def _logged_out(sender: object, request: HttpRequest | None, user: Login | None, **more: object) -> None:
    if request is not None:
        setattr(request, ENDS, True)


def _address_changed(sender: object, request: HttpRequest, user: Login, to_email_address: EmailAddress,
                     **more: object) -> None:
    """Let the desk's person follow; W901 where the address is somebody else's, and then the log-in keeps its own.

    The desk commits a moment before the log-in: should the machine stop between them, letters go to the address that
    was shown to be the person's own, and the change can be made once more.
    """
    connection = office.here().connection
    person = people.find_person(connection, user.person) if user.person else None
    if person is not None and person.email != to_email_address.email:
        people.change_person(connection, person, person, email=to_email_address.email)


def _code_failed(sender: object, request: HttpRequest, user: Login, **more: object) -> None:
    """After the last wrong code that is taken for now, write to its person: whoever tries codes knows the password."""
    left = consume(request, action="login_failed", key=f"mfa-auth-user-{user.pk}", dry_run=True)
    if left or not cache.add(f"westlake.wrong_codes.{user.pk}", True, TELL_AGAIN_S):
        return
    from westlake.web.jobs import tell_wrong_codes  # noqa: PLC0415 - jobs are known once all models are

    person = people.find_person(office.here().connection, user.person) if user.person else None
    tell_wrong_codes.enqueue(user.email, person.language if person else user.language or request.lang,
                             request.build_absolute_uri(reverse("account_change_password")))
