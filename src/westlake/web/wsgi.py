"""The console as any WSGI server takes it; `westlake serve` is the plain way to run it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "westlake.web.settings")
application = get_wsgi_application()
