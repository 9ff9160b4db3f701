# made by schemagen from user.json; do not edit
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, ClassVar
from uuid import UUID

from schemagen import EntityFacts, FieldFacts, MaxLength, PrimaryKey, int64

__schemagen_source__ = "user.json"
__schemagen_digest__ = "889f3376065d29c0086b497ec48fa990db001c945b3513dd0227f89534947d85"


class UserWorkflowState(Enum):
    active = "active"
    inactive = "inactive"
    deleted = "deleted"


@dataclass(kw_only=True)
class User:
    """A user of the learning platform

    :param deleted_at: null while the user is not deleted
    :param name: As shown to others
    """

    __schemagen__: ClassVar[EntityFacts] = EntityFacts(table="user", key=("id",), pointer="#")

    id: PrimaryKey[int64]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = field(default=None, metadata={"schemagen": FieldFacts(nullable=True)})
    workflow_state: UserWorkflowState
    uuid: UUID
    name: str
    short_name: Annotated[str, MaxLength(255)]
    homepage_url: str | None = field(default=None, metadata={"schemagen": FieldFacts(nullable=True)})
