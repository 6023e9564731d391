"""The console's own settings, over the workspace that is named; jobs are done at once, so that a story needs not wait.

`JOURNEYS_LATE=0.7 make journeys` lets every page come so many seconds late, its second half as many later still, and no click
waits for the page that it leads to: a story that reads a page before it is there, which a quick machine forgives, then fails.
"""

import os

from westlake.web.settings import *  # noqa: F403

TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
if "JOURNEYS_LATE" in os.environ:
    MIDDLEWARE = ["tests.journeys.late.Late", *MIDDLEWARE]  # noqa: F405
