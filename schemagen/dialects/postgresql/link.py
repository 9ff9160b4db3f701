"""The link to a server before anything is asked: TLS by mode, and no password in clear text."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, cast

from schemagen.url import ConnectionParameters, ConnectionSSLMode

Attempt = ssl.SSLContext | None

_AUTHENTICATION = ord("R")
_CLEAR_PASSWORD = 3


def located(parameters: ConnectionParameters) -> tuple[str | None, bool]:
    """The host (a name or a socket's folder; None: the driver's default), and whether it is on this machine."""
    host = parameters.unix_socket or parameters.host or os.environ.get("PGHOST")
    return host, ConnectionParameters(host=host).is_local


def attempts(mode: ConnectionSSLMode | None, is_local: bool) -> tuple[Attempt, ...]:
    """The ways to try in turn, None being without TLS. A host elsewhere is verified unless another mode is asked for by name."""
    match mode or (ConnectionSSLMode.allow if is_local else ConnectionSSLMode.verify_full):
        case ConnectionSSLMode.disable:
            return (None,)
        case ConnectionSSLMode.allow:
            return (None, _context(verified=False))
        case ConnectionSSLMode.prefer:
            return (_context(verified=False), None)
        case ConnectionSSLMode.require:
            return (_context(verified=False),)
        case ConnectionSSLMode.verify_ca:
            return (_context(verified=True, by_name=False),)
        case ConnectionSSLMode.verify_full:
            return (_context(verified=True),)


def _context(*, verified: bool, by_name: bool = True) -> ssl.SSLContext:
    """Root and client certificates are looked for where libpq does; without a root of its own, those of the system."""
    folder = Path.home() / ".postgresql"
    root = os.environ.get("PGSSLROOTCERT") or _existing(folder / "root.crt")
    context = ssl.create_default_context(cafile=root)
    context.check_hostname = verified and by_name
    context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    certificate = os.environ.get("PGSSLCERT") or _existing(folder / "postgresql.crt")
    if certificate:
        context.load_cert_chain(certificate, os.environ.get("PGSSLKEY") or _existing(folder / "postgresql.key"))
    return context


def _existing(path: Path) -> str | None:
    return str(path) if path.exists() else None


class WatchedLoop:
    """The running loop, for asyncpg's handshake: where the link is not verified, a request for the clear password ends it.

    asyncpg has no switch for that, and it answers such a request at once: only what reads the socket before it can step in.
    """

    def __init__(self, context: Attempt) -> None:
        self._loop = asyncio.get_running_loop()
        self._encrypted = context is not None
        self._trusted = context is not None and context.verify_mode is ssl.CERT_REQUIRED
        self.refused = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def create_connection(self, factory: Any, *args: Any, **options: Any) -> Coroutine[Any, Any, tuple[Any, Any]]:
        """Without TLS the watch reads from the first byte."""
        if self._encrypted:
            return _kept_alive(self._loop.create_connection(factory, *args, **options))
        watched = cast(Callable[[], asyncio.Protocol], lambda: _Watch(factory(), self))
        return _kept_alive(self._loop.create_connection(watched, *args, **options))

    def start_tls(self, transport: Any, protocol: Any, context: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        """With TLS that nobody verified it reads from the first byte after the handshake."""
        upgraded = self._loop.start_tls(transport, protocol, context, **options)
        return upgraded if self._trusted else _watched_transport(upgraded, self)

    def __eq__(self, other: object) -> bool:
        return other is self or other is self._loop

    def __hash__(self) -> int:
        # asyncio looks up the tasks of a loop by the loop.
        return hash(self._loop)


async def _kept_alive(connecting: Coroutine[Any, Any, tuple[Any, Any]]) -> tuple[Any, Any]:
    """A connection whose dead peer is noticed within a minute; the protocol as asyncpg made it."""
    transport, protocol = await connecting
    link = transport.get_extra_info("socket")
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 60_000)):
        if hasattr(socket, option):
            link.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return transport, protocol.inner if isinstance(protocol, _Watch) else protocol


async def _watched_transport(upgrading: Coroutine[Any, Any, Any], loop: WatchedLoop) -> Any:
    transport = await upgrading
    return None if transport is None else _Transport(transport, loop)


class _Transport:
    """A transport whose protocol is watched."""

    def __init__(self, transport: Any, loop: WatchedLoop) -> None:
        self._transport = transport
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def set_protocol(self, protocol: Any) -> None:
        watch = _Watch(protocol, self._loop)
        watch.transport = self._transport
        self._transport.set_protocol(watch)


class _Watch:
    """A protocol's reader until the server has let us in; then it steps aside, so that rows cost nothing."""

    def __init__(self, inner: Any, loop: WatchedLoop) -> None:
        self.inner = inner
        self.transport: Any = None
        self._loop = loop
        self._unread = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while len(self._unread) >= 9:
            kind, size = self._unread[0], int.from_bytes(self._unread[1:5])
            if kind != _AUTHENTICATION and len(self._unread) < size + 1:
                break
            answer = int.from_bytes(self._unread[5:9])
            if kind == _AUTHENTICATION and answer == _CLEAR_PASSWORD:
                self._loop.refused = True
                self.transport.abort()
                return
            if kind == _AUTHENTICATION and answer == 0:
                self.transport.set_protocol(self.inner)
                break
            del self._unread[: size + 1]
        self.inner.data_received(data)
