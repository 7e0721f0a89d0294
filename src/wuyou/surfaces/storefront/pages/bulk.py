"""Changing many of one's copies at once: first choose what to do, then say how. All of them change or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import operations, policies
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Holding, HoldingState
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import ONLY_ME, Viewer, make_viewer
from wuyou.surfaces.storefront import audience, errors
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.copy_forms import labels_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import copies
from wuyou.surfaces.ui.parsing import chosen_ids, read_id
from wuyou.surfaces.ui.parts import Choice

SHOWN = 24
"""So many covers remind of what was ticked."""


class What(StrEnum):
    """What can be done with many."""

    SHELF = "shelf"
    AUDIENCE = "audience"
    STATE = "state"
    LABEL = "label"
    REMOVE = "remove"


_TITLES: Mapping[What, object] = {
    What.SHELF: gettext_lazy("Put on a shelf"),
    What.AUDIENCE: gettext_lazy("Who sees it"),
    What.STATE: gettext_lazy("How does it stand?"),
    What.LABEL: gettext_lazy("Labels"),
    What.REMOVE: gettext_lazy("Take off the record"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit_things(request: HttpRequest) -> HttpResponse:
    """The copies `id`, or all that stand on `shelf`; `do` says what is to be done with them.

    Raises: `NothingChosen`, `HoldingNotFound` (one that is not one's own is enough), `TooMany` for a shelf that holds
    more than can be changed at once, and what the operations refuse.
    """
    actor, sent = actor_of(request), request.POST if request.method == "POST" else request.GET
    viewer = make_viewer(actor.person_id, within=actor.person_id)
    shelf_id = _shelf(sent)
    ids = _ids(actor.person_id, sent, shelf_id)
    try:
        what = What(sent.get("do", ""))
    except ValueError as error:
        raise errors.FormMalformed() from error
    if request.method == "POST":
        now = utc_now()
        effect = _EFFECTS[what](actor, ids, sent)
        db.in_transaction(lambda: effect(now))
        count = len(ids)
        messages.success(request, ngettext("%(n)s thing changed", "%(n)s things changed", count) % {"n": count})
        only = ids[0] if len(ids) == 1 and what is not What.REMOVE else None
        return redirect("storefront:copy", only) if only else redirect("storefront:my-things")
    holdings = things.holdings_by_id(viewer, ids)
    if len(holdings) != len(ids):
        raise things_errors.HoldingNotFound()
    shown = [holdings[holding_id] for holding_id in ids[:SHOWN]]
    context: dict[str, object] = {
        "ids": ids,
        "shelf_id": shelf_id,
        "what": what.value,
        "title": str(_TITLES[what]),
        "chosen": copies.cards(viewer, shown),
        "more_count": max(0, len(ids) - len(shown)),
        "back_href": reverse("storefront:copy", args=ids) if len(ids) == 1 else reverse("storefront:my-things"),
        **_asked(viewer, what, list(holdings.values())),
    }
    return show(request, "things_edit.html", context, place="things")


def _shelf(sent: QueryDict) -> int | None:
    """The shelf of which everything is meant. The form sends its number back: one field, however much stands on it."""
    shelf = sent.get("shelf", "") if "id" not in sent else ""
    return read_id(shelf) if shelf else None


def _ids(me: int, sent: QueryDict, shelf_id: int | None) -> list[int]:
    if shelf_id is None and "id" in sent:
        return chosen_ids(sent, "id")
    found = things.ids_on_shelf(me, shelf_id) if shelf_id is not None else ()
    if not found:
        raise errors.NothingChosen()
    return list(found)


def _asked(viewer: Viewer, what: What, holdings: list[Holding]) -> dict[str, object]:
    """What the form asks, standing at how things are."""
    me = viewer.person_id or 0
    if what is What.AUDIENCE:
        rules = set(things.rules_by_holding(me, [holding.id for holding in holdings]).values())
        offered = {holding.thing.id: holding.thing for holding in holdings}
        return {
            "audience": audience.field_of(
                me,
                rules.pop() if len(rules) == 1 else ONLY_ME,
                things_offered=list(offered.values()) if len(offered) == 1 else (),
            )
        }
    if what is What.SHELF:
        on = {holding.shelf_id for holding in holdings}
        return {
            "choices": [
                *(
                    Choice(str(shelf.id), shelf.name, chosen=on == {shelf.id})
                    for shelf in things.list_shelves(viewer, me)
                ),
                Choice("0", _("On none"), chosen=on == {None}),
            ]
        }
    if what is What.STATE:
        moves = policies.moves_for_all({holding.state for holding in holdings})
        return {"choices": [Choice(to.value, str(copies.STATES[to][0])) for to in moves]}
    if what is What.LABEL:
        borne = sorted({label for holding in holdings for label in holding.labels})
        return {"borne": borne, "known": sorted(things.list_labels_of(me).keys() - set(borne))}
    return {}


Effect = Callable[[datetime], object]


def _shelve(actor: Actor, ids: list[int], sent: QueryDict) -> Effect:
    name, chosen = sent.get("new_shelf", "").strip(), sent.get("to", "")
    if not name and not (chosen.isascii() and chosen.isdecimal() and len(chosen) <= 18):
        raise errors.NothingChosen()

    def effect(now: datetime) -> None:
        shelf = operations.make_shelf(actor=actor, name=name, now=now).id if name else int(chosen) or None
        operations.put_on_shelf(actor=actor, holding_ids=ids, shelf_id=shelf)

    return effect


def _open(actor: Actor, ids: list[int], sent: QueryDict) -> Effect:
    rule = audience.rule_from(sent, actor.person_id)
    return lambda now: operations.set_audience(actor=actor, holding_ids=ids, rule=rule, now=now)


def _move(actor: Actor, ids: list[int], sent: QueryDict) -> Effect:
    try:
        to = HoldingState(sent.get("to", ""))
    except ValueError as error:
        raise errors.NothingChosen() from error
    return lambda now: operations.move_holdings(actor=actor, holding_ids=ids, to=to, now=now)


def _label(actor: Actor, ids: list[int], sent: QueryDict) -> Effect:
    add, remove = [*labels_in(sent.get("add", "")), *sent.getlist("known")], sent.getlist("off")
    if not add and not remove:
        raise errors.NothingChosen()
    return lambda now: operations.label_holdings(actor=actor, holding_ids=ids, add=add, remove=remove)


def _remove(actor: Actor, ids: list[int], sent: QueryDict) -> Effect:
    return lambda now: operations.remove_holdings(actor=actor, holding_ids=ids, now=now)


_EFFECTS: Mapping[What, Callable[[Actor, list[int], QueryDict], Effect]] = {
    What.SHELF: _shelve,
    What.AUDIENCE: _open,
    What.STATE: _move,
    What.LABEL: _label,
    What.REMOVE: _remove,
}
