"""Without a mail server each mail is a file of the workspace, told in one line; nothing of it is in the terminal."""

import email
import stat
from email import policy

from django.core.mail import EmailMessage, get_connection


def test_a_mail_is_kept_and_told_in_one_line(settings, tmp_path, capsys):
    settings.WORKSPACE = type(settings.WORKSPACE)(tmp_path, settings.WORKSPACE.settings)
    backend = get_connection("westlake.web.mailer.Mailer")
    sent = backend.send_messages([
        EmailMessage(f"코드 {number}", f"Your code is 31415{number}.", "office@lakeside.example",
                     ["heron@lakeside.example"]) for number in (1, 2)])
    files = sorted((tmp_path / "mails").iterdir())
    assert (sent, len(files)) == (2, 2)
    told = capsys.readouterr().err.splitlines()
    assert told == [f"Mail to heron@lakeside.example: 코드 {number} (mails/{path.name})"
                    for number, path in enumerate(files, 1)]
    read = email.message_from_bytes(files[1].read_bytes(), policy=policy.default)
    assert (read["Subject"], read["To"], read.get_content().strip()) == (
        "코드 2", "heron@lakeside.example", "Your code is 314152.")
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600 and stat.S_IMODE((tmp_path / "mails").stat().st_mode) == 0o700
