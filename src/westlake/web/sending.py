"""Sends a message to an address that somebody gave: only to machines outside, and only to the one that was checked."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from westlake.errors import Place, WestlakeError

WAIT_S = 10
READ_MAX = 2_000  # bytes of an answer that are looked at
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # IPv4 behind IPv6
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Pinned(http.client.HTTPConnection):
    """Connects to the machine that was checked, not to whatever the name leads to a moment later."""

    def __init__(self, url: SplitResult, machine: str) -> None:
        secure = url.scheme == "https"
        super().__init__(url.hostname or "", url.port or (443 if secure else 80), timeout=WAIT_S)
        self._machine, self._secure = machine, secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self._machine, self.port), WAIT_S)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def check_address(text: str) -> tuple[SplitResult, str]:
    """An address with the machine that it leads to. W1086 unless it is https:// to a machine outside.

    All that a name leads to is looked at: one machine inside is enough to refuse it.
    """
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise _refused(text, str(error)) from error
    inside = bool(getattr(settings, "WEBHOOKS_INSIDE", False))  # tests send to this very machine
    if url.scheme != "https" and not (inside and url.scheme == "http"):
        raise _refused(text, "https://")
    if not url.hostname or url.username is not None or url.password is not None:
        raise _refused(text, "https://machine/…")
    try:
        found = socket.getaddrinfo(url.hostname, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _refused(text, str(error)) from error
    machines = [str(one[4][0]) for one in found]
    if not inside:
        for machine in machines:
            if not is_outside(ipaddress.ip_address(machine.partition("%")[0])):
                raise _refused(text, machine)
    return url, machines[0]


def is_outside(machine: Address) -> bool:
    """Whether a machine is one of the open network: not this one, not its neighbours, not behind a translation."""
    if isinstance(machine, ipaddress.IPv6Address):
        if machine in _TRANSLATED:
            return False
        behind = machine.ipv4_mapped or machine.sixtofour or (machine.teredo[1] if machine.teredo else None)
        if behind is not None:
            return is_outside(behind)
    return machine.is_global and not machine.is_multicast


def post(address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    """Send it, follow nothing; the status and the beginning of the answer. OSError when nobody answers."""
    url, machine = check_address(address)
    connection = _Pinned(url, machine)
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", target, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(READ_MAX).decode("utf-8", "replace").replace("\0", "")
    except http.client.HTTPException as error:
        raise OSError(str(error) or type(error).__name__) from error
    finally:
        connection.close()


def _refused(address: str, what: str) -> WestlakeError:
    return WestlakeError.one("W1086", Place(field="url"), address=address[:200], what=what)
