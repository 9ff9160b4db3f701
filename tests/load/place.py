"""A database in which tests make tables, load files and look at the rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from schemagen.catalog.batch import Mode, Report
from schemagen.catalog.objects import Table
from schemagen.catalog.relate import relate_model
from schemagen.dialects.base import Dialect, Driver, Session
from schemagen.dump.dump import dump
from schemagen.load.ledger import ledger_table, own_tables, rejects_table
from schemagen.load.run import load
from schemagen.options import GeneratorOptions, LoadOptions, PlanOptions
from schemagen.records.job import Job
from schemagen.url import ConnectionParameters
from tests.records.make import job_of


@dataclass
class Place:
    name: str
    dialect: Dialect
    driver: Driver
    parameters: ConnectionParameters
    opened: list[Session] = field(default_factory=list)

    async def __aenter__(self) -> Place:
        self.opened.append(await self.driver.connect(self.parameters))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    @property
    def session(self) -> Session:
        return self.opened[-1]

    async def job(
        self,
        schema: Any,
        key: tuple[str, ...] = (),
        mode: Mode | None = None,
        load: LoadOptions | None = None,
        generator: GeneratorOptions | None = None,
    ) -> Job:
        """A job whose table is there."""
        from schemagen.deploy.run import apply_live

        made = job_of(schema, key, mode or (Mode.UPSERT if key else Mode.INSERT), load, dialect=self.name, generator=generator)
        catalog = relate_model(made.layout.model, "", generator or GeneratorOptions())
        await apply_live(catalog, self.dialect, self.driver, self.session, PlanOptions())
        await self.driver.ensure(self.session, own_tables(""))
        return made

    async def load(self, job: Job, *files: Path | str, **others: Any) -> Report:
        return await load(job, [str(path) for path in files], driver=self.driver, session=self.session, **others)

    async def dump(self, job: Job) -> list[Any]:
        """The rows as records, numbers as Decimal."""
        lines = [line async for line in dump(job.layout, driver=self.driver, session=self.session)]
        return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]

    async def rows(self, table: Table) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async for batch in self.driver.read(self.session, table):
            found += [dict(zip(batch.names, row, strict=True)) for row in batch.rows()]
        return found

    async def ledger(self) -> list[dict[str, Any]]:
        return await self.rows(ledger_table(""))

    async def rejects(self) -> list[dict[str, Any]]:
        return await self.rows(rejects_table(""))
