"""My home: one's own things, shelf by shelf, with how they stand and to whom they are open."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.things import operations
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Holding, HoldingState, Shelf
from wuyou.infra import db
from wuyou.kernel.sight import Viewer, make_viewer
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import copies
from wuyou.surfaces.storefront.viewmodels.copies import CopyCard
from wuyou.surfaces.ui.parsing import chosen_ids, optional_id
from wuyou.surfaces.ui.parts import Action, Empty, Tab

ON_A_SHELF = 12
"""So many of each shelf stand on the first page; the rest on the shelf's own."""
PAGE_SIZE = 48


@dataclass(frozen=True, slots=True)
class Section:
    """A shelf on the page, with the first of what stands on it."""

    id: int
    """0: what is on no shelf."""
    name: str
    href: str
    count: int
    cards: tuple[CopyCard, ...]


@dataclass(frozen=True, slots=True)
class Which:
    """What of one's things the page shows, as its address says it."""

    state: HoldingState | None
    shelf_id: int | None
    label: str
    after: int | None
    selects: bool
    """Whether copies can be ticked, to change many at once."""

    @property
    def is_everything(self) -> bool:
        """Whether nothing was chosen: then the page goes shelf by shelf."""
        return self.state is None and self.shelf_id is None and not self.label

    def href(self, **change: object) -> str:
        """The address of another view of one's things."""
        said = {
            "state": self.state.value if self.state else "",
            "shelf": self.shelf_id or "",
            "label": self.label,
            "select": "1" if self.selects else "",
            **change,
        }
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{reverse('storefront:my-things')}{'?' if query else ''}{query}"


@require_safe
@signed_in
def show_home(request: HttpRequest) -> HttpResponse:
    """One's own things. `state`, `shelf` and `label` choose among them, `after` goes on, `select` makes them tickable.

    Cost: at most sixteen queries, however many things there are.
    """
    which = _which(request)
    me = actor_of(request).person_id
    viewer = make_viewer(me, within=me)  # to oneself everything of one's own is open
    shelves = things.list_shelves(viewer, me)
    counts = things.count_by_state(viewer, me)
    total = sum(counts.values())
    arrivals = things.list_new(me) if which.is_everything and not which.selects else ()
    context: dict[str, object] = {
        "which": which,
        "total": total,
        "tabs": _tabs(which, counts, total),
        "shelves": _shelf_tabs(which, shelves),
        "labels": _label_tabs(which, things.list_labels_of(me)),
        "arrivals": copies.cards(viewer, arrivals),
        "select_href": "" if which.selects else which.href(select=1),
        "done_href": which.href(select=""),
        "empty": _nothing() if not total else None,
        **_listed(viewer, me, which, shelves),
    }
    return show(request, "things.html", context, place="things")


@require_POST
@signed_in
def settle_arrivals(request: HttpRequest) -> HttpResponse:
    """Leave what has just come as private as it is."""
    actor, ids = actor_of(request), chosen_ids(request.POST, "id")
    db.in_transaction(lambda: operations.settle_arrivals(actor=actor, holding_ids=ids))
    messages.success(request, _("They stay with you alone"))
    return redirect("storefront:my-things")


def _which(request: HttpRequest) -> Which:
    state = request.GET.get("state", "")
    if state and state not in HoldingState.__members__:
        raise errors.FormMalformed()
    label = request.GET.get("label", "")
    if len(label) > 60 or not (label.isprintable() or not label):
        raise errors.FormMalformed()
    return Which(
        HoldingState(state) if state else None,
        optional_id(request, "shelf"),
        label,
        optional_id(request, "after"),
        request.GET.get("select") == "1",
    )


def _listed(viewer: Viewer, me: int, which: Which, shelves: tuple[Shelf, ...]) -> dict[str, object]:
    """Sections shelf by shelf, or one page of what was chosen."""
    if which.is_everything and not which.selects and which.after is None:
        by_shelf = things.list_by_shelf(viewer, me, each=ON_A_SHELF)
        groups = [by_shelf.get(shelf.id, ()) for shelf in shelves] + [by_shelf.get(None, ())]
        cards = copies.split_cards(copies.cards(viewer, copies.flat(groups), is_own=True), map(len, groups))
        sections = [
            Section(shelf.id, shelf.name, which.href(shelf=shelf.id), shelf.count, own)
            for shelf, own in zip(shelves, cards, strict=False)
        ]
        if cards[-1]:
            name = _("On no shelf yet") if shelves else ""
            sections.append(Section(0, name, which.href(select=1), 0, cards[-1]))
        return {"sections": sections}
    if which.shelf_id is not None:
        page = things.list_shelf(viewer, which.shelf_id, cursor=which.after, limit=PAGE_SIZE)
    else:
        states: tuple[HoldingState, ...] = (which.state,) if which.state else ()
        page = things.list_holdings_of(
            viewer, me, states=states, label=which.label, cursor=which.after, limit=PAGE_SIZE
        )
    found: tuple[Holding, ...] = page.items
    return {
        "cards": copies.cards(viewer, found, is_own=True),
        "next_href": which.href(after=page.next_cursor) if page.next_cursor else "",
        "here": next((shelf for shelf in shelves if shelf.id == which.shelf_id), None),
    }


def _tabs(which: Which, counts: dict[HoldingState, int], total: int) -> tuple[Tab, ...]:
    everything = Tab(_("All"), which.href(state="", shelf="", label=""), which.is_everything, total)
    return (
        everything,
        *(
            Tab(
                str(copies.STATES[state][0]), which.href(state=state.value, shelf="", label=""), which.state is state, n
            )
            for state in copies.STATES
            if (n := counts.get(state, 0)) or which.state is state
        ),
    )


def _shelf_tabs(which: Which, shelves: tuple[Shelf, ...]) -> tuple[Tab, ...]:
    return tuple(
        Tab(shelf.name, which.href(shelf=shelf.id, state="", label=""), which.shelf_id == shelf.id, shelf.count)
        for shelf in shelves
    )


def _label_tabs(which: Which, labels: dict[str, int]) -> tuple[Tab, ...]:
    return tuple(
        Tab(name, which.href(label=name, state="", shelf=""), which.label == name, count)
        for name, count in labels.items()
    )


def _nothing() -> Empty:
    return Empty(
        _("A home for what is yours"),
        _(
            "Put one thing here: the camera on your desk, the book you keep lending. "
            "It stays with you alone until you open it to somebody."
        ),
        "camera",
        Action(_("Add your first thing"), reverse("storefront:add-thing"), "primary", "plus"),
    )
