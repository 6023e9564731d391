"""The frame in a real browser: nothing that axe finds, nothing over the side, nothing the policy had to stop."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.web import pictures

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not pictures.CHROMIUM, reason=pictures.MISSING)]


def walk(tmp_path, *words):
    """A walk in a process of its own: the browser's driver keeps a loop that the other tests' databases refuse."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "WESTLAKE"))}
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, env=environment, cwd=Path(__file__).parents[2])
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("role, langs, addresses", [
    ("", "ko,en", ["/", "/account/login/", "/account/signup/", "/account/password/reset/"]),
    ("admin", "zh", ["/", "/people/", "/people/1/", "/people/new/", "/profile/", "/account/2fa/", "/account/email/",
                     "/account/2fa/webauthn/add/", "/account/password/change/"]),
])
def test_nothing_is_wrong_with_the_frame(tmp_path, role, langs, addresses):
    code, said = walk(tmp_path, "tests.web.pictures", str(tmp_path), *addresses, "--lang", langs,
                      *(["--role", role] if role else []))
    assert code == 0, said


def test_people_walk_through_the_console_by_hand_and_keyboard(tmp_path):
    code, said = walk(tmp_path, "tests.web.walks")
    assert code == 0, said
