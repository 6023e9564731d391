"""Runs the console: brings its tables forward, answers requests in threads, keeps one process for jobs beside it."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from westlake.errors import Place, WestlakeError

SETTINGS = "westlake.web.settings"
CONNECTIONS, IDLE_S = 900, 20  # browsers keep up to six open each: idle ones end, so that nobody waits for a free one
STOP_S = 10  # seconds that the process for jobs gets to finish the one at hand


def make_ready(folder: Path) -> None:
    """Set Django up for a workspace's folder, bring the log-ins' tables forward, make the desk's."""
    os.environ["WESTLAKE_WORKSPACE"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    # all of these read the settings, which need the folder named first
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    from westlake.web import logins, office  # noqa: PLC0415

    logins.prepare(settings.WORKSPACE)
    office.here().connection.execute("SELECT 1")


@contextmanager
def running(folder: Path, host: str, port: int, workers: int, jobs: bool = True) -> Iterator[Server]:
    """The console while it runs, for one who made it ready; W991 when the port is in use. port 0: any free one."""
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - after make_ready

    listener = _listener(host, port)
    # waitress answers until its sockets are closed
    from waitress.server import create_server  # noqa: PLC0415

    from westlake.web.refusing import Channel  # noqa: PLC0415 - it is made of waitress's parts

    server = create_server(get_wsgi_application(), sockets=[listener], threads=workers, ident="westlake",
                           connection_limit=CONNECTIONS, channel_timeout=IDLE_S, cleanup_interval=IDLE_S // 2,
                           asyncore_use_poll=True, clear_untrusted_proxy_headers=True, **_proxy())
    server.channel_class = Channel
    _settle()
    if jobs:
        from westlake.web import work  # noqa: PLC0415 - after make_ready

        work.keep_looking()
    worker = _worker(folder) if jobs else None
    try:
        yield Server(server, listener.getsockname()[1])
    finally:
        server.close()
        if worker is not None:
            _end(worker)


def _settle() -> None:
    """Read what every answer needs, and let the collector of garbage never go through it again."""
    from django.urls import get_resolver  # noqa: PLC0415 - after make_ready

    from westlake.web import office  # noqa: PLC0415 - after make_ready

    get_resolver().url_patterns  # noqa: B018 - it loads every page
    office.here().programmes  # noqa: B018 - it reads every programme
    gc.collect()
    gc.freeze()


class Server:
    """A console that listens. port: the one it was given."""

    def __init__(self, server: Any, port: int) -> None:
        self._server, self.port = server, port

    def answer(self) -> None:
        """Answer requests until Ctrl-C."""
        with suppress(KeyboardInterrupt):
            self._server.run()

    def answer_beside(self) -> None:
        """Answer requests in a thread of their own, until the console is closed."""
        def run() -> None:
            with suppress(OSError):  # its sockets were closed under it
                self._server.run()

        threading.Thread(target=run, daemon=True).start()


def ask(address: str, seconds: float = 20) -> str:
    """What an address of a running console answers; W994 when it does not."""
    try:
        with urlopen(address, timeout=seconds) as answer:
            return str(answer.read().decode())
    except (URLError, OSError) as error:
        raise WestlakeError.one("W994", Place(address), what=str(error)) from error


def mail_is_printed() -> bool:
    """Whether log-in codes are printed where the console runs."""
    from django.conf import settings  # noqa: PLC0415 - after make_ready

    return not settings.SERVING.mail


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if isinstance(error, socket.gaierror) or error.errno in (99, 13):
            raise WestlakeError.one("W994", Place(f"{host}:{port}"), what=error.strerror or str(error)) from error
        raise WestlakeError.one("W991", Place(f"{host}:{port}"), host=host, port=port, other=port + 1) from error
    return listener


def _proxy() -> dict[str, Any]:
    """What waitress believes of a trusted server in front."""
    from django.conf import settings  # noqa: PLC0415 - after make_ready

    if not settings.SERVING.proxy:
        return {}
    return {"trusted_proxy": settings.SERVING.proxy, "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}}


def _worker(folder: Path) -> subprocess.Popen[bytes]:
    """The process for jobs; it takes them from the log-ins' database, one after the other."""
    return subprocess.Popen([sys.executable, "-m", "django", "db_worker", "--no-reload", "--queue-name", "*"],
                            env={**os.environ, "WESTLAKE_WORKSPACE": str(folder)}, start_new_session=True)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(STOP_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


Ready = Callable[[str], None]


def serve(folder: Path, host: str, port: int, workers: int, ready: Ready) -> None:
    """Make ready and answer until Ctrl-C; `ready` is told the console's address."""
    make_ready(folder)
    signal.signal(signal.SIGTERM, _interrupt)  # whoever ends us gently ends the process for jobs too
    with running(folder, host, port, workers) as console:
        ready(f"http://{_named(host)}:{console.port}/")
        console.answer()


def check(folder: Path, host: str, port: int) -> str:
    """Come up, be asked once over the network, end; the address that answered."""
    make_ready(folder)
    with running(folder, host, port, 2, jobs=False) as console:
        console.answer_beside()
        address = f"http://{_named(host)}:{console.port}/"
        ask(f"{address}healthz")
    return address


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _named(host: str) -> str:
    if host in ("0.0.0.0", "::", "127.0.0.1"):
        return "localhost"
    return f"[{host}]" if ":" in host else host
