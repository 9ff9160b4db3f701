"""What PostgreSQL and its driver raise, as the errors that the rest of schemagen knows; once, and never longer than 4 kB."""

from __future__ import annotations

import ssl

from schemagen.dialects.base import RetryableError
from schemagen.errors import SchemagenError, printable

MESSAGE_LIMIT = 4096
_RETRY = frozenset({"40001", "40P01", "57P01", "57P02", "57P03"})
DISK_FULL = "53100"
LOCK_TIMEOUT = "55P03"


class LockTimeoutError(SchemagenError):
    """A lock was not there in time; the session adds who holds it."""


def is_retryable(state: str | None) -> bool:
    """True where the server says that the same transaction may pass later: conflicts, lost links, restarts, want of resources."""
    return state is not None and (state in _RETRY or state[:2] == "08" or (state[:2] == "53" and state != DISK_FULL))


def statement_failure(error: BaseException, place: str) -> SchemagenError:
    """What became of a statement: asyncpg's PostgresError and InterfaceError, OSError, TimeoutError."""
    state = getattr(error, "sqlstate", None)
    text = _text(error)
    if state is None:
        lost = isinstance(error, OSError | TimeoutError) or "closed" in text
        return RetryableError("SERVER", place, f"the connection is lost: {text}") if lost else SchemagenError("SERVER", place, text)
    if state == LOCK_TIMEOUT:
        return LockTimeoutError("REFUSED", place, f"{state}: {text}")
    kind = RetryableError if is_retryable(state) else SchemagenError
    return kind("SERVER", place, f"{state}: {text}")


def _text(error: BaseException) -> str:
    """The server's message with its detail and hint, and for COPY the line; in one line."""
    text, context = str(error) or type(error).__name__, getattr(error, "context", None)
    return printable(" ".join(f"{text} ({context})".split() if context else text.split()), MESSAGE_LIMIT)


def connect_failure(error: BaseException, place: str) -> SchemagenError:
    """Why no connection came about, in one line."""
    state = getattr(error, "sqlstate", None) or ""
    text = _text(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = "set PGSSLROOTCERT to its authority's certificate, or ask for ?ssl=require to go on without verification"
        return SchemagenError("NO_CONNECTION", place, f"the server's certificate is not verified ({error.verify_message}); {hint}")
    if state[:2] == "28":
        return SchemagenError("AUTH", place, f"{text}; check the user and the password (PGPASSWORD, SCHEMAGEN_PASSWORD)")
    if isinstance(error, TimeoutError):
        return SchemagenError("NO_CONNECTION", place, "does not answer within 5 s; check host and port")
    if isinstance(error, ConnectionRefusedError):
        return SchemagenError("NO_CONNECTION", place, "the connection is refused; is a server listening there?")
    if "rejected SSL upgrade" in text:
        return SchemagenError("NO_CONNECTION", place, "the server offers no TLS; ask for ?ssl=disable to go on without")
    return SchemagenError("NO_CONNECTION", place, text)


def state_of(error: SchemagenError) -> str:
    """The SQLSTATE behind an error; "" where there is none."""
    return getattr(error.__cause__, "sqlstate", None) or ""
