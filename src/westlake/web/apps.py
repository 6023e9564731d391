"""The one Django app of the console; its tables hold log-ins and nothing of the money."""

from __future__ import annotations

from django.apps import AppConfig


class People(AppConfig):
    """Known to Django as `people`."""

    name = "westlake.web"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from westlake.web import persons  # noqa: PLC0415 - its signals need the models, which are loaded by now

        persons.listen()
