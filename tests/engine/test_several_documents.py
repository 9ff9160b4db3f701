"""A module of several documents: each entity's records are judged by its own."""

from __future__ import annotations

from pathlib import Path

import schemagen
from tests.cli.run import schemagen as run
from tests.conftest import ROOT

SHOP = ROOT / "schemas" / "shop"


async def test_records_are_judged_by_the_document_of_their_entity(tmp_path: Path, duckdb_url: str) -> None:
    module = schemagen.read_schema([SHOP / "customer.json", SHOP / "order.json"])
    rejects = tmp_path / "bad.jsonl"
    async with schemagen.connect(duckdb_url) as connection:
        await connection.create_objects([module.Customer, module.Order])
        customers = await connection.load(module.Customer, [str(SHOP / "customers.jsonl")], rejects=str(rejects))
        orders = await connection.load(module.Order, [str(SHOP / "orders.jsonl")], rejects=str(rejects))
        assert (customers.counts.inserted, customers.counts.rejected) == (5, 3)
        assert (orders.counts.inserted, orders.counts.rejected) == (5, 5)
        assert {record["id"] async for record in connection.dump(module.Customer)} == {1, 2, 3, 5, 7}


def test_a_folder_is_loaded_one_entity_at_a_time(tmp_path: Path, duckdb_url: str) -> None:
    done = run("load", SHOP, SHOP / "orders.jsonl", "--entity", "Order", "--to", duckdb_url, "--rejects", tmp_path / "bad.jsonl")
    assert done.returncode == 1, done.stderr
    assert "5 inserted, 5 rejected" in done.stdout
