"""Facts of a server that standard SQL describes: it alters everything in place and keeps no comments."""

from __future__ import annotations

from schemagen.catalog.objects import ServerInfo
from schemagen.dialects.conversions import standard_conversion
from schemagen.plan.traits import Traits

STANDARD = ServerInfo("ansi")


def traits(server: ServerInfo) -> Traits:
    """The facts; no server is asked."""
    return Traits(
        flavor=server.flavor,
        transactional_ddl=True,
        named_constraints=True,
        namespaces=True,
        enum_types="",
        struct_types="",
        arrays="",
        comments=False,
        in_place=lambda kind: "",
        convert=standard_conversion,
    )
