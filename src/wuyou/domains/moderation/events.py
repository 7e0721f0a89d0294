"""What moderation tells: what was decided of a subject. Whoever owns it looks at how it stands now, and acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from wuyou.domains.moderation.types import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class SubjectWithheld:
    """A subject is closed to everybody but its owner."""

    name: ClassVar[str] = "moderation.subject_withheld"
    version: ClassVar[int] = 1

    kind: SubjectKind
    subject_id: int
    occurred_at: datetime

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.subject_id)


@dataclass(frozen=True, slots=True)
class SubjectReleased:
    """A subject that was closed is open again to whom it was."""

    name: ClassVar[str] = "moderation.subject_released"
    version: ClassVar[int] = 1

    kind: SubjectKind
    subject_id: int
    occurred_at: datetime

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.subject_id)


@dataclass(frozen=True, slots=True)
class SubjectRemoved:
    """A subject is to be taken off the record: the time to appeal is over."""

    name: ClassVar[str] = "moderation.subject_removed"
    version: ClassVar[int] = 1

    kind: SubjectKind
    subject_id: int
    occurred_at: datetime

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.subject_id)
