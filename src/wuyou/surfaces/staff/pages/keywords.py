"""What does the site call goods, whom they are for, places of links, industries and occasions?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.catalog import operations, queries
from wuyou.domains.catalog.types import Keyword, KeywordKind
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.staff.access import actor_of, change, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.keywords import KINDS
from wuyou.surfaces.ui.refusals import FormMalformed


@dataclass(frozen=True, slots=True)
class Kind:
    """The keywords of one kind, and who uses them."""

    value: str
    title: str
    note: str
    keywords: tuple[Keyword, ...]


@staff_only
@require_safe
def keywords(request: HttpRequest) -> HttpResponseBase:
    """All keywords by kind, also those that are retired, and forms to define one more and to rename one."""
    return _page(request)


@staff_only
@require_POST
def add_keyword(request: HttpRequest) -> HttpResponseBase:
    """Define one more."""
    kind = next((each for each in KeywordKind if each.value == request.POST.get("kind")), None)
    if kind is None:
        raise FormMalformed()

    def act(now: datetime) -> None:
        operations.add_keyword(actor=actor_of(request), kind=kind, now=now, **_names(request))

    return _do(request, act, _("The keyword is there"))


@staff_only
@require_POST
def change_keyword(request: HttpRequest, keyword_id: int) -> HttpResponseBase:
    """Call it otherwise, retire it, or take it up again."""
    actor, what = actor_of(request), request.POST.get("do", "")
    deeds: dict[str, Callable[[datetime], object]] = {
        "rename": lambda now: operations.rename_keyword(actor=actor, keyword_id=keyword_id, **_names(request)),
        "retire": lambda now: operations.retire_keyword(actor=actor, keyword_id=keyword_id, now=now),
        "restore": lambda now: operations.restore_keyword(actor=actor, keyword_id=keyword_id),
    }
    if what not in deeds:
        raise FormMalformed()
    return _do(request, deeds[what], _("Saved"))


def _names(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("name", "name_en")}


def _do(request: HttpRequest, act: Callable[[datetime], object], said: str) -> HttpResponse:
    return change(request, act, said, back_to="staff:keywords", refuse=partial(_page, request))


def _page(request: HttpRequest, refused: DomainError | None = None) -> HttpResponse:
    found = queries.list_keywords(also_retired=True)
    chosen = request.POST.get("kind", KeywordKind.GOODS.value)
    return show(
        request,
        "keywords",
        "keywords",
        ui_errors.status_of(refused) if refused else 200,
        kinds=[
            Kind(kind.value, str(title), str(note), tuple(each for each in found if each.kind is kind))
            for kind, (title, note) in KINDS.items()
        ],
        choices=tuple(
            parts.Choice(kind.value, str(title), chosen=kind.value == chosen) for kind, (title, _note) in KINDS.items()
        ),
        typed=_names(request),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )
