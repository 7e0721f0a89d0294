"""What the interface says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ninja import Router
from pydantic import Field, StringConstraints

from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.problems import DOCUMENTED, HttpRefusal, statuses_by_code, title_of
from wuyou.surfaces.ui import errors as ui_errors

router = Router(tags=["about"])

Code = Annotated[
    str, StringConstraints(max_length=80, pattern=r"^[a-z_]+\.[a-z_]+$"), Field(examples=["groupbuy.team_full"])
]


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """A code that problem documents carry."""

    __pydantic_config__ = DOCUMENTED

    code: str
    status: int
    """The HTTP status that it comes with."""
    title: str
    text: str
    """The sentence for people, in the reader's language; `%(name)s` stands for a fact of the case."""


@operation(router, "GET", "/problems/{code}", entry=Entry.READ, who=Who.ANYONE, refuses=["api.no_such_place"])
def explain_problem(call: Call, code: Code) -> ProblemPage:
    """Explain a code that problem documents carry."""
    status = statuses_by_code().get(code)
    if status is None:
        raise HttpRefusal("api.no_such_place")
    return ProblemPage(code, status, title_of(status), ui_errors.text_of_code(code))
