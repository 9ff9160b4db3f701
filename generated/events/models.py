# made by schemagen from event.json; do not edit
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal

from schemagen import Alias, EntityFacts, FieldFacts, IntegerRange, MaxLength, PrimaryKey

__schemagen_source__ = "event.json"
__schemagen_digest__ = "36710e76aeaa65d3eff2e6f38a4f7ba9c55f2f3ff0d97b6bfde7301792ac77f4"


class EventKind(Enum):
    created = "created"
    renamed = "renamed"
    removed = "removed"


@dataclass(kw_only=True)
class Event:
    """One thing that happened, as the audit API reports it

    :param class_: Importance, by the sender's own scale
    :param full_name: Full name of the object
    :param trace: null: not traced; absent: unknown
    """

    __schemagen__: ClassVar[EntityFacts] = EntityFacts(table="event", key=("id",), pointer="#")

    id: PrimaryKey[Annotated[str, MaxLength(8)]]
    occurred_at: datetime
    kind: EventKind
    class_: Annotated[str, MaxLength(30), Alias("class")] | None = None
    full_name: Annotated[str, Alias("full-name")] | None = None
    actor: Person
    details: Created | Removed | Renamed | None = None
    labels: dict[str, str] | None = None
    thread: Comment | None = None
    trace: str | None = field(default=None, metadata={"schemagen": FieldFacts(nullable=True)})
    attempt: Annotated[int, IntegerRange(1, 9)] | None = None
    extra_: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Person:
    id: int
    full_name: Annotated[str, Alias("full-name")] | None = None
    manager: Person | None = None
    extra_: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Created:
    what: Literal["created"]
    size: int | None = None
    extra_: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Renamed:
    what: Literal["renamed"]
    from_: Annotated[str, Alias("from")]
    to: str
    extra_: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Removed:
    what: Literal["removed"]
    reason: str | list[str] | None = None
    extra_: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Comment:
    text: str
    replies: list[Comment] | None = None
    extra_: dict[str, Any] | None = None
