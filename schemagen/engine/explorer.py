"""The Explorer: what a live database holds, what would change it, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

from schemagen.catalog.objects import Catalog
from schemagen.catalog.relate import relate
from schemagen.deploy.run import apply_live, make_live_plan
from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.plan.plan import Plan

if TYPE_CHECKING:
    from schemagen.engine.connection import Connection


class Explorer:
    """Of one open connection. The target of `plan` and `synchronize` is a module of dataclasses or any Catalog."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def inspect(self, namespaces: Sequence[str] | None = None) -> Catalog:
        """The live catalog: of the named namespaces, else of all that are no system's. The session's own has the name ""."""
        connection = self._connection
        await connection.settle()
        return await connection.driver.inspect(connection.session, tuple(namespaces) if namespaces is not None else None)

    async def plan(
        self,
        module: ModuleType | None = None,
        catalog: Catalog | None = None,
        allow: Sequence[str] = (),
        options: PlanOptions | None = None,
    ) -> Plan:
        """What `synchronize` would do, with hazards, probes answered, and refusals. Changes nothing. Raises SchemagenError."""
        connection = self._connection
        await connection.settle()
        desired = self._desired(module, catalog)
        chosen = _with_allow(options, allow)
        return await make_live_plan(desired, connection.dialect, connection.driver, connection.session, chosen)

    async def synchronize(
        self,
        module: ModuleType | None = None,
        catalog: Catalog | None = None,
        allow: Sequence[str] = (),
        options: PlanOptions | None = None,
    ) -> Plan:
        """Makes the tables that the target names as it says, and gives the plan that was run; tables it does not name are left alone.

        Raises SchemagenError REFUSED, with nothing changed, for what would lose data and no token of `allow` names.
        """
        connection = self._connection
        await connection.settle()
        desired = self._desired(module, catalog)
        chosen = _with_allow(options, allow)
        plan = await apply_live(desired, connection.dialect, connection.driver, connection.session, chosen)
        connection.forget()
        return plan

    def _desired(self, module: ModuleType | None, catalog: Catalog | None) -> Catalog:
        if (module is None) == (catalog is None):
            raise SchemagenError("USAGE", "explorer", "expected a module or a catalog, one of them")
        return relate(module, self._connection.options) if module is not None else catalog or Catalog()


def _with_allow(options: PlanOptions | None, allow: Sequence[str]) -> PlanOptions:
    options = options or PlanOptions()
    return replace(options, allow=(*options.allow, *allow))
