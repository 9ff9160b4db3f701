"""The quick start's dataclass, as a module that a person wrote."""

import enum
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from strong_typing.auxiliary import Annotated, MaxLength

from schemagen import PrimaryKey


class WorkflowState(enum.Enum):
    active = "active"
    inactive = "inactive"
    deleted = "deleted"


@dataclass(slots=True)
class UserTable:
    id: PrimaryKey[int]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime
    workflow_state: WorkflowState
    uuid: UUID
    name: str
    short_name: Annotated[str, MaxLength(255)]
    homepage_url: str | None
