"""A PostgreSQL session: who is let in and who is not, transactions, locks, single rows, and what errors say."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from schemagen.catalog.objects import Catalog, Column, Namespace, PrimaryKey, Table
from schemagen.catalog.types import Json, ObjectId, Text, Timestamp, Uuid
from schemagen.dialects.base import RetryableError
from schemagen.dialects.postgresql import session as module
from schemagen.dialects.postgresql.driver import DRIVER
from schemagen.dialects.postgresql.link import attempts
from schemagen.dialects.postgresql.session import PostgresqlSession, postgresql
from schemagen.errors import SchemagenError
from schemagen.sql import Sql, lit
from schemagen.url import parse_url
from tests.servers.need import missing
from tests.servers.postgresql import PostgresqlServer

LEDGER = Table(
    ObjectId("table", "", "ledger"),
    (Column("id", Text(), False), Column("run", Uuid()), Column("at", Timestamp()), Column("doc", Json())),
    (PrimaryKey(("id",)),),
)
ROW = {"id": "a'\\", "run": UUID(int=7), "at": datetime(2024, 5, 1, 10, tzinfo=UTC), "doc": '{"n": 1.0}'}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresqlSession]:
    session = postgresql(await DRIVER.connect(parse_url(url)[1]))
    try:
        yield session
    finally:
        await session.close()


async def refused(url: str) -> SchemagenError:
    with pytest.raises(SchemagenError) as caught:
        await DRIVER.connect(parse_url(url)[1])
    assert "S3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


async def test_the_right_password_lets_in_and_a_wrong_one_is_auth(postgresql_password_server: tuple[str, str]) -> None:
    right, wrong = postgresql_password_server
    async with opened(right) as session:
        assert await session.fetch(Sql("SELECT 1")) == [(1,)]
    error = await refused(wrong)
    assert error.kind == "AUTH"
    assert "wr0ng" not in str(error)


async def test_what_is_not_there_is_one_line(postgresql_server: PostgresqlServer) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert (await refused(f"postgresql://u:S3cret@127.0.0.1:{port}/d")).kind == "NO_CONNECTION"
    assert "does not exist" in str(await refused(postgresql_server.url("nowhere")))
    assert (await refused("postgresql://u:S3cret@/d?host=/nowhere")).kind == "NO_CONNECTION"


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT_S", 0.3)
    async with answering(b"") as (port, _):
        assert "does not answer" in str(await refused(f"postgresql://u:S3cret@127.0.0.1:{port}/d"))


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[int, bytearray]]:
    """A server that refuses TLS, answers the start-up message with these bytes, and keeps what it is sent."""
    seen = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                seen.extend(data)
                writer.write(b"N" if data == struct.pack("!ii", 8, 80877103) else answer)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


CLEAR = b"R" + struct.pack("!ii", 8, 3)


@pytest.mark.parametrize("query", ["", "?ssl=disable", "?ssl=prefer", "?ssl=allow"])
@pytest.mark.parametrize("before", [b"", b"N" + struct.pack("!i", 5) + b"\0"])
async def test_a_password_is_never_sent_in_clear_over_a_link_that_nobody_verified(query: str, before: bytes) -> None:
    async with answering(before + CLEAR) as (port, seen):
        error = await refused(f"postgresql://u:S3cret@127.0.0.1:{port}/d{query}")
        assert error.kind == "AUTH"
        assert "asked for the password in clear" in str(error)
        assert b"S3cret" not in seen


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_a_server_without_tls_gets_no_password_where_tls_was_asked_for(mode: str) -> None:
    async with answering(CLEAR) as (port, seen):
        error = await refused(f"postgresql://u:S3cret@127.0.0.1:{port}/d?ssl={mode}")
        assert "offers no TLS; ask for ?ssl=disable" in str(error)
        assert seen == struct.pack("!ii", 8, 80877103)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and the certificate of localhost that it signed itself."""
    program = shutil.which("openssl")
    if program is None:
        missing("openssl is not there; get it with: apt-get install openssl")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([program, "req", *options, "-keyout", file, "-out", f"{file}.crt"], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@asynccontextmanager
async def answering_over_tls(certificate: Path, answer: bytes) -> AsyncIterator[tuple[int, bytearray]]:
    """A server that takes TLS when it is asked for, and then answers the start-up message with these bytes."""
    seen = bytearray()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(8)
            writer.write(b"S")
            await writer.drain()
            await writer.start_tls(context)
            while data := await reader.read(4096):
                seen.extend(data)
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


@pytest.mark.parametrize("mode", ["require", "prefer"])
async def test_tls_that_nobody_verified_is_no_reason_to_send_a_password_in_clear(mode: str, certificate: Path) -> None:
    async with answering_over_tls(certificate, CLEAR) as (port, seen):
        error = await refused(f"postgresql://u:S3cret@localhost:{port}/d?ssl={mode}")
        assert "asked for the password in clear" in str(error)
        assert b"user" in seen
        assert b"S3cret" not in seen


async def test_over_verified_tls_the_server_may_ask_for_the_password_in_clear(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", f"{certificate}.crt")
    monkeypatch.setattr(module, "CONNECT_S", 1.0)
    async with answering_over_tls(certificate, CLEAR) as (port, seen):
        await refused(f"postgresql://u:S3cret@localhost:{port}/d?ssl=verify-full")
        assert b"S3cret" in seen


@pytest.mark.parametrize("query", ["?ssl=verify-full", "?ssl=verify-ca"])
async def test_a_certificate_that_nobody_signed_is_refused_and_the_way_out_named(query: str, certificate: Path) -> None:
    async with answering_over_tls(certificate, CLEAR) as (port, seen):
        error = await refused(f"postgresql://u:S3cret@localhost:{port}/d{query}")
        assert "not verified" in str(error)
        assert "?ssl=require" in str(error)
        assert not seen


def test_a_host_elsewhere_is_verified_by_default() -> None:
    (context,) = attempts(None, is_local=False)
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert attempts(None, is_local=True)[0] is None


async def test_an_endless_error_is_cut(postgresql_url: str) -> None:
    async with opened(postgresql_url) as session:
        with pytest.raises(SchemagenError, match=r"SERVER: .*P0001: xxx") as caught:
            await session.execute(Sql("DO {}", lit("BEGIN RAISE EXCEPTION '%', repeat('x', 100000); END")))
        assert len(str(caught.value)) < 5000


async def test_one_call_is_one_statement(postgresql_url: str) -> None:
    async with opened(postgresql_url) as session:
        with pytest.raises(SchemagenError, match="42601"):
            await session.execute(Sql("SELECT 1; CREATE TABLE pwned (i integer)"))
        assert await session.fetch(Sql("SELECT to_regclass('pwned')")) == [(None,)]


async def interrupted(session: PostgresqlSession) -> None:
    async with session.transaction():
        await session.execute(Sql("INSERT INTO t VALUES (1)"))
        raise ZeroDivisionError


async def swallowing(session: PostgresqlSession) -> None:
    async with session.transaction():
        with pytest.raises(SchemagenError):
            await session.execute(Sql("SELECT 1 / 0"))


async def killed(session: PostgresqlSession, server: PostgresqlServer) -> None:
    async with session.transaction():
        [(pid,)] = await session.fetch(Sql("SELECT pg_backend_pid()"))
        server.psql(f"SELECT pg_terminate_backend({pid})")
        while True:
            await session.fetch(Sql("SELECT 1"))


async def test_a_transaction_stays_whole_and_a_nested_one_is_a_savepoint(postgresql_url: str) -> None:
    async with opened(postgresql_url) as session:
        await session.execute(Sql("CREATE TABLE t (i integer)"))
        with pytest.raises(ZeroDivisionError):
            await interrupted(session)
        async with session.transaction():
            assert await session.execute(Sql("INSERT INTO t VALUES (2), (3)")) == 2
            with pytest.raises(SchemagenError, match="22012"):
                async with session.transaction():
                    await session.execute(Sql("INSERT INTO t SELECT 1 / 0"))
            await session.execute(Sql("INSERT INTO t VALUES (4)"))
        assert await session.fetch(Sql("SELECT i FROM t ORDER BY i")) == [(2,), (3,), (4,)]


async def test_a_commit_that_the_server_turns_into_a_rollback_is_an_error(postgresql_url: str) -> None:
    async with opened(postgresql_url) as session:
        with pytest.raises(SchemagenError, match="COMMIT rolled it back"):
            await swallowing(session)


async def test_a_killed_connection_may_be_tried_again(postgresql_url: str, postgresql_server: PostgresqlServer) -> None:
    async with opened(postgresql_url) as session:
        with pytest.raises(RetryableError):
            await killed(session, postgresql_server)
        with pytest.raises(RetryableError):
            await session.fetch(Sql("SELECT 1"))


async def test_a_deadlock_may_be_tried_again_and_a_wrong_name_not(postgresql_url: str) -> None:
    async with opened(postgresql_url) as session:
        for state, kind in (("40P01", RetryableError), ("40001", RetryableError), ("53200", RetryableError), ("53100", SchemagenError)):
            with pytest.raises(SchemagenError, match=state) as caught:
                await session.execute(Sql("DO {}", lit(f"BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END")))
            assert type(caught.value) is kind
        with pytest.raises(SchemagenError, match="42P01") as wrong:
            await session.fetch(Sql("SELECT * FROM nowhere"))
        assert not isinstance(wrong.value, RetryableError)


async def test_a_scope_is_locked_by_one_and_its_holder_is_named(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_WAIT_S", 0.5)
    async with opened(postgresql_url) as one, opened(postgresql_url) as two:
        async with one.lock("shop"):
            async with two.lock("other"):
                pass
            with pytest.raises(SchemagenError, match=r"REFUSED: shop: .* held by process \d+ \(schemagen, idle\) since \d+ s"):
                async with two.lock("shop"):
                    pass
        async with two.lock("shop"):
            pass


async def test_a_wait_for_a_row_ends_and_names_who_holds_it(postgresql_url: str) -> None:
    async with opened(postgresql_url) as one, opened(postgresql_url) as two:
        await one.execute(Sql("CREATE TABLE ledger (id text PRIMARY KEY, run uuid, at timestamptz, doc jsonb)"))
        await two.execute(Sql("SET lock_timeout = '300ms'"))
        async with one.transaction():
            assert await one.claim(LEDGER, ROW)
            with pytest.raises(SchemagenError, match=r"REFUSED: ledger: 55P03.*held by process \d+ \(schemagen, idle in transaction\)"):
                async with two.transaction():
                    await two.claim(LEDGER, ROW)


async def test_a_row_is_claimed_once_amended_and_removed(postgresql_url: str) -> None:
    async with opened(postgresql_url) as session:
        await session.execute(Sql("CREATE TABLE ledger (id text PRIMARY KEY, run uuid, at timestamptz, doc jsonb)"))
        assert await session.claim(LEDGER, ROW)
        assert not await session.claim(LEDGER, {**ROW, "run": None})
        assert await session.amend(LEDGER, {"id": ROW["id"]}, {"doc": "null", "at": None}) == 1
        rows = [row async for batch in DRIVER.read(session, LEDGER, {"id": ROW["id"]}) for row in batch.rows()]
        assert rows == [(ROW["id"], ROW["run"], None, "null")]
        assert await session.remove(LEDGER, {"id": "other"}) == 0
        assert await session.remove(LEDGER, {"id": ROW["id"]}) == 1


async def test_own_tables_are_made_once_and_nothing_else_is_taken_for_one(postgresql_url: str) -> None:
    own = Table(ObjectId("table", "", "_schemagen_own"), (Column("id", Text(), False), Column("at", Timestamp())), (PrimaryKey(("id",)),))
    async with opened(postgresql_url) as one, opened(postgresql_url) as two:
        await asyncio.gather(DRIVER.ensure(one, (own,)), DRIVER.ensure(two, (own,)))
        assert (await DRIVER.inspect(one)) == Catalog((Namespace(""),))
        await one.execute(Sql("CREATE RULE r AS ON INSERT TO _schemagen_own DO INSTEAD NOTHING"))
        with pytest.raises(SchemagenError, match="REFUSED: _schemagen_own: is not the table"):
            await DRIVER.ensure(one, (own,))
        await one.execute(Sql("DROP TABLE _schemagen_own"))
        await one.execute(Sql("CREATE VIEW _schemagen_own AS SELECT 'a' AS id, now() AS at"))
        with pytest.raises(SchemagenError, match="REFUSED: _schemagen_own: is not the table"):
            await DRIVER.ensure(one, (own,))
