"""The notice on personal data: its parts, its version, and who has yet to agree to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings

from westlake.desk.consents import last_consent
from westlake.desk.people import OUTSIDE, Held, Person
from westlake.digest import fingerprint
from westlake.web import office
from westlake.words import LANGUAGES, say

PARTS = ("who", "what", "why", "kept", "shared", "rights", "refuse")


class Part(NamedTuple):
    """One paragraph of the notice."""

    name: str
    heading: str
    says: str


def parts(lang: str) -> list[Part]:
    """The notice in a language, with whom to turn to."""
    serving, agency = settings.SERVING, office.here().settings.agency
    contact = serving.privacy_contact or (serving.mail_from if serving.mail else agency)
    return _parts(lang, agency, contact)


def version() -> str:
    """The digest of the text in all languages: another one asks everybody anew. Whom to turn to may change without."""
    agency = office.here().settings.agency
    return fingerprint([[list(part) for part in _parts(lang, agency, "")] for lang in LANGUAGES])


def owes(person: Person, roles: Iterable[Held]) -> bool:
    """Whether somebody from outside has yet to agree to the notice as it stands."""
    if not any(held.role in OUTSIDE for held in roles):
        return False
    last = last_consent(office.here().connection, person)
    return last is None or last.notice != version()


def _parts(lang: str, agency: str, contact: str) -> list[Part]:
    given = {"agency": agency, "contact": contact, "years": settings.SERVING.keep_years}
    return [Part(name, say(f"web.privacy.{name}", lang), say(f"web.privacy.{name}_says", lang, **given))
            for name in PARTS]
