"""Keywords in people's words, to be ticked and to be shown, for every surface."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from wuyou.domains.catalog.types import Keyword, KeywordKind
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.parsing import read_id
from wuyou.surfaces.ui.texts import in_language

FIELD: Final = "keywords"
KINDS: Mapping[KeywordKind, tuple[object, object]] = {
    KeywordKind.GOODS: (gettext_lazy("What it is"), gettext_lazy("Shops put these on their goods.")),
    KeywordKind.USERS: (
        gettext_lazy("Whom it is for"),
        gettext_lazy("Shops put these on their goods. They say for whom goods are, never who somebody is."),
    ),
    KeywordKind.MEDIA: (
        gettext_lazy("Kind of place"),
        gettext_lazy("Publishers put these on their places for links, recruiters on their activities."),
    ),
    KeywordKind.INDUSTRY: (
        gettext_lazy("Industry"), gettext_lazy("Shops put these on their goods, recruiters on their activities."),
    ),
    KeywordKind.ACTIVITY: (gettext_lazy("Occasion"), gettext_lazy("Recruiters put these on their activities.")),
}  # fmt: skip
"""How each kind is called, and who uses it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Keywords of one kind, to be ticked."""

    title: str
    choices: tuple[parts.Choice, ...]


def groups(offered: Iterable[Keyword], chosen: Collection[int] = ()) -> tuple[Group, ...]:
    """These keywords by kind, those that are chosen ticked; a kind without any is left out."""
    by_kind: dict[KeywordKind, list[parts.Choice]] = {kind: [] for kind in KeywordKind}
    for each in offered:
        by_kind[each.kind].append(parts.Choice(str(each.id), name_of(each), chosen=each.id in chosen))
    return tuple(Group(str(KINDS[kind][0]), tuple(choices)) for kind, choices in by_kind.items() if choices)


def sent(request: HttpRequest) -> list[int]:
    """The keywords that a form sends, each once. Raises `FormMalformed`."""
    return [read_id(text) for text in dict.fromkeys(request.POST.getlist(FIELD))]


def name_of(keyword: Keyword) -> str:
    """A keyword in the reader's language."""
    return in_language(keyword.name, keyword.name_en)


def names_of(keyword_ids: Iterable[int], known: Mapping[int, Keyword]) -> tuple[str, ...]:
    """The names of keywords, without what is retired."""
    return tuple(name_of(known[number]) for number in keyword_ids if number in known and not known[number].is_retired)
