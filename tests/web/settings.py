"""The console's settings over a workspace of the tests' own, with what would only cost time left out."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="westlake-web-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
(FOLDER / "westlake.toml").write_text('city = "Lakeside"\nagency = "Lakeside Office"\n', "utf-8")
os.environ["WESTLAKE_WORKSPACE"] = str(FOLDER)

from westlake.web.settings import *  # noqa: E402, F403 - they read the workspace

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
