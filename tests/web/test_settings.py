"""Safe as it stands: what is sent with every page, what is kept secret, what [web] of westlake.toml may say."""

import json
import logging
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from westlake.database import Damaged
from westlake.desk import people
from westlake.errors import Problem, WestlakeError
from westlake.web import hosting
from westlake.web.office import Office
from westlake.web.refusing import Refusal
from westlake.web.serving import Serving, read_serving
from westlake.words import say
from westlake.workspace import Settings, Workspace

WESTLAKE = Path(sys.executable).with_name("westlake")
HTTPS = override_settings(SECURE_SSL_REDIRECT=True, SESSION_COOKIE_SECURE=True, SECURE_HSTS_SECONDS=60)


def test_every_page_carries_its_policy(visitor):
    sent = visitor.get("/").headers
    policy = dict(part.strip().split(" ", 1) for part in sent["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert {name: sent[name] for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")} == {
        "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def test_somebodys_page_stays_in_nobodys_cache(client_as, visitor):
    assert client_as("officer").get("/cases/")["Cache-Control"] == "no-store"
    assert "Cache-Control" not in visitor.get("/")


def test_the_key_is_readable_by_its_owner_only():
    path = settings.WORKSPACE.folder / "logins.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == settings.SECRET_KEY and len(settings.SECRET_KEY) > 60


def test_production_needs_nothing_more():
    assert settings.DEBUG is False
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


@HTTPS
def test_plain_http_is_sent_on_where_the_console_is_served_safely(visitor):
    assert visitor.get("/")["Location"] == "https://testserver/"
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/", secure=True)["Strict-Transport-Security"].startswith("max-age=60")


def deployed(folder, **environment):
    """What Django's own deployment check says of the settings as they are made for a folder."""
    done = subprocess.run([sys.executable, "-m", "django", "check", "--deploy"], capture_output=True, text=True, env={
        **os.environ, "DJANGO_SETTINGS_MODULE": "westlake.web.settings", "WESTLAKE_WORKSPACE": str(folder), **environment})
    return done.returncode, done.stderr + done.stdout


@pytest.mark.slow
def test_the_deployment_check_finds_nothing(tmp_path):
    (tmp_path / "westlake.toml").write_text('[web]\nurl = "https://support.lakeside.example"\n')
    code, said = deployed(tmp_path)
    assert (code, "no issues" in said) == (0, True), said


@pytest.mark.parametrize("lines, field", [
    ('ulr = "https://a.example"', "web.ulr"), ('url = "a.example"', "web.url"), ("upload_mb = 0", "web.upload_mb"), ("keep_years = 0", "web.keep_years"),
    ('mail = "a.example:25"', "web.mail"), ('oidc_secret = "in a shared file"', "web.oidc_secret")])
def test_a_line_that_cannot_be_is_named(tmp_path, lines, field):
    (tmp_path / "westlake.toml").write_text(f"[web]\n{lines}\n")
    with pytest.raises(WestlakeError) as error:
        read_serving(tmp_path)
    assert [(one.code, one.place.field) for one in error.value.problems] == [("W992", field)]


def test_the_environment_has_the_last_word(tmp_path, monkeypatch):
    (tmp_path / "westlake.toml").write_text('city = "Lakeside"\n[web]\nurl = "https://a.example"\nhosts = "b.example c.example"\n')
    monkeypatch.setenv("WESTLAKE_WEB_OIDC_SECRET", "hush")
    monkeypatch.setenv("WESTLAKE_WEB_UPLOAD_MB", "7")
    found = read_serving(tmp_path)
    assert (found.secure, found.upload_mb, found.oidc_secret) == (True, 7, "hush")
    assert found.allowed == ["a.example", "b.example", "c.example", "localhost", "127.0.0.1", "[::1]"]
    assert Workspace.find(tmp_path).settings.city == "Lakeside"
    assert Serving().secure is False


def test_too_much_at_once_is_refused_before_it_is_read(client_as):
    page = client_as("applicant").post("/profile/", b"x", content_type="application/x-www-form-urlencoded",
                                       CONTENT_LENGTH=str(settings.UPLOAD_MAX + 1))
    assert page.status_code == 413 and "W988" in page.text


@pytest.mark.parametrize("lang", ["en", "ko", "zh"])
@pytest.mark.parametrize("sent, code", [
    ({"file": SimpleUploadedFile("a.pdf", b"x" * (21 * 2**20))}, "W988"), ({"name": "x" * (3 * 2**20)}, "W1160"),
    ({f"file{one}": SimpleUploadedFile("a.pdf", b"x") for one in range(25)}, "W1161"),
    ({f"name{one}": "x" for one in range(2100)}, "W1162")])
def test_what_is_too_large_ends_on_a_page_with_a_way_back(client_as, lang, sent, code):
    browser = client_as("applicant")
    for file in sent.values():
        getattr(file, "seek", int)(0)
    page = browser.post(f"/profile/?lang={lang}", sent, headers={"Referer": "http://testserver/profile/?tab=2"})
    problem = Problem(code, values={"megabytes": 2 if code == "W1160" else 20, "most": 20 if code == "W1161" else 2000})
    assert (page.status_code, page["Cache-Control"]) == (413, "no-store")
    for said in (say("web.trouble.413", lang), problem.sentence(lang), problem.way_out(lang), code):
        assert said in page.text
    assert f'href="/profile/?tab=2">{say("web.trouble.back", lang)}</a>' in page.text
    part = browser.post("/profile/", {"name": "x" * (3 * 2**20)}, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Retarget"], "W1160" in part.text, "<html" in part.text) == (413, "#problem", True, False)


@pytest.mark.parametrize("referer", ["http://evil.example/profile/", "http://testserver//evil.example/", ""])
def test_the_way_back_leads_nowhere_else(client_as, referer):
    page = client_as("applicant").post("/profile/", {"name": "x" * (3 * 2**20)}, headers={"Referer": referer})
    assert say("web.trouble.back", "en") not in page.text


@pytest.mark.parametrize("header, lang", [("Accept-Language: zh-CN,zh;q=0.9", "zh"), ("Cookie: a=1; westlake_lang=ko", "ko")])
@pytest.mark.parametrize("asked", ["", "HX-Request: true"])
def test_beyond_what_the_server_reads_stands_a_page_too(office, header, lang, asked):
    answers = []
    channel = SimpleNamespace(server=SimpleNamespace(adj=SimpleNamespace(ident="westlake")), adj=Adjustments())
    parser = HTTPRequestParser(channel.adj)
    head = ["POST /profile/ HTTP/1.1", "Host: x", header, f"Content-Length: {2**31}", *([asked] if asked else [])]
    parser.received("\r\n".join([*head, "", ""]).encode())
    task = Refusal(channel, parser)
    task.write = lambda body: answers.append(body.decode())
    task.execute()
    problem = Problem("W988", values={"megabytes": 20})
    assert task.status.startswith("413") and problem.sentence(lang) in answers[0] and problem.way_out(lang) in answers[0]
    assert ("<html" in answers[0], dict(task.response_headers).get("HX-Retarget")) == ((False, "#problem") if asked else (True, None))


@pytest.mark.parametrize("header, lang", [("Accept-Language: zh-CN,zh;q=0.9", "zh"), ("HX-Request: true", "en")])
def test_beyond_what_the_server_reads_the_interface_answers_in_its_own_form(office, header, lang):
    answers = []
    channel = SimpleNamespace(server=SimpleNamespace(adj=SimpleNamespace(ident="westlake")), adj=Adjustments())
    parser = HTTPRequestParser(channel.adj)
    parser.received("\r\n".join(["POST /api/cases?x=1 HTTP/1.1", "Host: x", header, f"Content-Length: {2**31}", "",
                                  ""]).encode())
    task = Refusal(channel, parser)
    task.write = answers.append
    task.execute()
    problem, told = Problem("W988", values={"megabytes": 20}), json.loads(answers[0])
    assert (told["status"], told["code"], told["detail"], told["way_out"], told["instance"]) == (
        413, "W988", problem.sentence(lang), problem.way_out(lang), "/api/cases")
    assert dict(task.response_headers) | {"Content-Type": "application/problem+json", "Cache-Control": "no-store"} == dict(
        task.response_headers)
    assert "HX-Retarget" not in dict(task.response_headers)


def test_an_expired_form_gives_back_what_was_typed(client_as):
    browser = client_as("applicant")
    browser.handler.enforce_csrf_checks = True
    page = browser.post("/profile/", {"name": "Mei <Lin>", "organisation": "Reed", "language": "en", "password": "hush"})
    assert page.status_code == 403
    assert "W990" in page.text and "Mei &lt;Lin&gt;" in page.text and "Reed" in page.text and "hush" not in page.text
    assert '<input type="hidden" name="organisation" value="Reed">' in page.text


@pytest.mark.parametrize("lang, heading", [("en", "Not found"), ("ko", "찾을 수 없습니다"), ("zh", "未找到")])
def test_what_is_not_there_is_told_in_three_languages(visitor, lang, heading):
    page = visitor.get("/nowhere/", headers={"Accept-Language": lang})
    assert page.status_code == 404
    assert f"<h1>{heading}</h1>" in page.text and "W986" in page.text


def test_htmx_gets_a_fragment_and_keeps_its_form(client_as):
    page = client_as("reviewer").get("/cases/", headers={"HX-Request": "true"})
    assert (page.status_code, page["HX-Retarget"]) == (403, "#problem")
    assert "W985" in page.text and "<html" not in page.text


def test_our_own_mistake_is_told_without_its_inside(visitor, monkeypatch, caplog):
    monkeypatch.setattr("westlake.web.pages.home.render", lambda *all: 1 // 0)
    visitor.raise_request_exception = False
    with caplog.at_level(logging.CRITICAL):
        page = visitor.get("/")
    assert page.status_code == 500
    assert "W987" in page.text and "ZeroDivisionError" not in page.text


def test_health_is_one_line(visitor):
    assert json.loads(visitor.get("/healthz").content)["ok"] is True


def test_a_port_in_use_says_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(WestlakeError) as error:
            hosting._listener("127.0.0.1", port)
    problem = error.value.problems[0]
    assert problem.code == "W991"
    assert f"--port {port + 1}" in problem.way_out()


@pytest.mark.slow
def test_serve_comes_up_and_answers(tmp_path):
    subprocess.run([WESTLAKE, "new", tmp_path / "office"], check=True, capture_output=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "WESTLAKE"))}
    done = subprocess.run([WESTLAKE, "serve", "--check", "--port", "0"], cwd=tmp_path / "office", capture_output=True,
                          text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "The console answers." in done.stderr
    assert (tmp_path / "office" / "logins.db").exists()


def test_on_a_server_the_logins_have_a_schema_of_their_own(server, tmp_path):
    import psycopg

    address = server.address(server.new())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "WESTLAKE"))}
    subprocess.run([WESTLAKE, "new", tmp_path / "office", "--database", address], check=True, capture_output=True, env=environment)
    done = subprocess.run([WESTLAKE, "serve", "--check", "--port", "0"], cwd=tmp_path / "office", capture_output=True,
                          text=True, env=environment)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(address) as connection:
        found = dict(connection.execute("SELECT table_name::text, table_schema::text FROM information_schema.tables WHERE table_name"
                                        " IN ('people_login', 'desk_person', 'django_session', 'django_migrations')").fetchall())
    assert found == {"people_login": "westlake_logins", "django_session": "westlake_logins",
                     "django_migrations": "westlake_logins", "desk_person": "westlake"}


def test_on_either_engine_looking_cannot_write(database, tmp_path):
    (tmp_path / "westlake.toml").write_text("")
    there = Office(Workspace(tmp_path, Settings(database=str(database))))
    there.read_only(True)
    with pytest.raises(Damaged, match=r"read-?only"):
        people.add_person(there.connection, "Eve", "eve@lakeside.example")
    there.settle_down()
    assert there.connection.execute("SELECT count(*) FROM desk_person").fetchone()[0] == 0
    there.read_only(False)
    assert people.add_person(there.connection, "Eve", "eve@lakeside.example").id == 1
    there.close()


def test_what_was_typed_is_given_back_under_the_names_that_people_know(client_as):
    browser = client_as("applicant")
    browser.handler.enforce_csrf_checks = True
    page = browser.post("/profile/?lang=ko", {"organisation": "갈대상사", "seq": "7"})
    assert "<dt>소속</dt><dd>갈대상사</dd>" in page.text
    assert "<dt>organisation</dt>" not in page.text and "<dd>7</dd>" not in page.text
