"""Which JSON types a schema may admit."""

from __future__ import annotations

from schemagen.document.node import Node
from schemagen.shape.extents import Extents
from schemagen.shape.terms import leaf


def admits(node: Node) -> frozenset[str]:
    """The JSON types that the schema may admit, through references and branches; never fewer than it does.

    Of "object", "array", "string", "number", "integer", "boolean", "null"; with "number" also "integer".
    """
    return Extents().of(leaf(node)).types
