"""The form that adds a security key, with its label in the person's language."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm

from westlake.words import say


class AddKey(AddWebAuthnForm):
    """As the library makes it, but that it asks for the key's name in the words of the page."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["name"].label = say("web.account.key_name", context.request.lang)
