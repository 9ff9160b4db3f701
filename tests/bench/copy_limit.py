"""The bare driver, as the limit: a ready-made binary COPY of the rows of a table, sent into an empty copy of it. Prints the seconds."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time

import asyncpg


async def main(socket: str, database: str) -> None:
    connection = await asyncpg.connect(host=socket, user="postgres", database=database)
    stored = io.BytesIO()
    await connection.copy_from_table("user", output=stored, format="binary")
    await connection.execute('CREATE TABLE again (LIKE "user" INCLUDING ALL)')
    stored.seek(0)
    started = time.perf_counter()
    await connection.copy_to_table("again", source=stored, format="binary")
    seconds = time.perf_counter() - started
    await connection.execute("DROP TABLE again")
    await connection.close()
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
