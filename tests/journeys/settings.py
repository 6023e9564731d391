"""The console's own settings, over the workspace that is named; jobs are done at once, so that a story needs not wait."""

from westlake.web.settings import *  # noqa: F403

TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
