"""django-hordak on the same kind of transfers, as its guide writes them. Needs nothing of Westlake.

`python postgresql_hordak.py ADDRESS` prints JSON: [words, count, CPU seconds, seconds]; exit 3 when it is not
installed. Its legs carry a debit or a credit (2.0); its database trigger sees that a transaction sums to
nothing at commit.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time

ONE_BY_ONE, AT_ONCE, BUNDLE = 300, 10_000, 1000


def main(address: str) -> None:
    """Set up, post one by one, post in bulk."""
    try:
        import django
        import hordak  # noqa: F401
    except ImportError:
        sys.exit(3)
    import urllib.parse

    from django.conf import settings

    parts = urllib.parse.urlsplit(address)
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"], USE_TZ=True,
        SECRET_KEY="bench", DEFAULT_CURRENCY="CNY", CURRENCIES=["CNY"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"),
                               "USER": parts.username, "HOST": urllib.parse.parse_qs(parts.query)["host"][0]}})
    django.setup()
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
    print(json.dumps(list(_measure())))


def _measure():  # type: ignore[no-untyped-def]
    from django.db import transaction
    from hordak.models import Account, Leg, Transaction
    from moneyed import Money

    accounts = [Account.objects.create(name=f"a{number}", code=str(number), type="AS", currencies=["CNY"])
                for number in range(100)]
    day = dt.date(2025, 3, 1)

    def legs(moved, number):  # type: ignore[no-untyped-def]
        amount = Money(number % 5000 + 1, "CNY")
        return [Leg(transaction=moved, account=accounts[number % 50], debit=amount),
                Leg(transaction=moved, account=accounts[50 + number % 50], credit=amount)]

    def one_by_one() -> None:
        for number in range(ONE_BY_ONE):
            with transaction.atomic():
                for leg in legs(Transaction.objects.create(date=day, description="Cloud voucher"), number):
                    leg.save()

    def at_once() -> None:
        for start in range(0, AT_ONCE, BUNDLE):
            with transaction.atomic():
                moved = Transaction.objects.bulk_create([Transaction(date=day, description="Cloud voucher")
                                                         for _ in range(BUNDLE)])
                Leg.objects.bulk_create([leg for number, one in enumerate(moved, start) for leg in legs(one, number)])

    for words, count, work in (("django-hordak, one a commit", ONE_BY_ONE, one_by_one),
                               (f"django-hordak, bulk_create, {BUNDLE:,} a commit", AT_ONCE, at_once)):
        cpu, wall = time.process_time(), time.monotonic()
        work()
        yield words, count, time.process_time() - cpu, time.monotonic() - wall


if __name__ == "__main__":
    main(sys.argv[1])
