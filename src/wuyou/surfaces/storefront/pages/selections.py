"""Lists of goods: one's own, whom they are open to, and what others see of them."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Selection
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.social import queries as social
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront import audience, errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in, viewer_id
from wuyou.surfaces.storefront.pages import tags
from wuyou.surfaces.storefront.pages.search import cards_of
from wuyou.surfaces.storefront.rendering import show as render
from wuyou.surfaces.storefront.viewmodels import people, selections
from wuyou.surfaces.ui import codes
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parts import Action, Empty


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def show_own(request: HttpRequest) -> HttpResponse:
    """All of one's lists, and a place to begin one. Cost: two queries beside the shell's."""
    actor = actor_of(request)
    if request.method == "POST":
        name = request.POST.get("name", "")

        def effect(now: datetime) -> str:
            made = alliance.make_selection(actor=actor, name=name, now=now)
            return reverse("storefront:edit-selection", args=[made])

        return once(request, actor, effect)
    labels = {label.id: label.name for label in social.list_labels(actor.person_id)}
    context: dict[str, object] = {
        "lists": [selections.row(each, labels) for each in queries.list_selections(actor.person_id)],
        "empty": Empty(
            _("No list yet"),
            _("Put goods together that belong together: for yourself, for your friends, or for everybody."),
            "gift",
            Action(_("Choose goods"), reverse("studio:library"), "primary", "search"),
        ),
    }
    return render(request, "selections.html", context, place="me")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, selection_id: int) -> HttpResponse:
    """One list of one's own: its goods with what they pay, its name, and whom it is open to.

    Raises `SelectionNotFound`. Cost: seven queries beside the shell's.
    """
    actor = actor_of(request)
    own = queries.get_own_selection(actor.person_id, selection_id)
    refused: DomainError | None = None
    name, rule = own.name, own.audience
    if request.method == "POST":
        name, now = request.POST.get("name", ""), utc_now()
        try:
            rule = audience.rule_from(request.POST, actor.person_id)
            db.in_transaction(
                lambda: alliance.change_selection(
                    actor=actor, selection_id=selection_id, name=name, audience=rule, now=now
                )
            )
        except DomainError as error:
            count_refusal(error)
            refused = error
        else:
            messages.success(request, _("It is kept, for whom you opened it to"))
            return redirect("storefront:edit-selection", selection_id)
    context = _own_context(request, own) | {
        "name": name,
        "audience": audience.field_of(actor.person_id, rule),
        "refusal": text_of(refused) if refused else "",
    }
    return render(request, "selection_edit.html", context, place="me", status=status_of(refused) if refused else 200)


def _own_context(request: HttpRequest, own: Selection) -> dict[str, object]:
    """What a list says beside its form. Cost: six queries."""
    picks = queries.picks_of(own.id)
    products = catalog.products_by_id(each.product_id for each in picks)
    publisher = queries.find_publisher(own.owner_id)
    offers = queries.offers_by_product(
        {product.id: product.shop_id for product in products.values()},
        publisher_id=publisher.id if publisher else None,
        at=utc_now(),
    )
    return {
        "selection": own,
        "chip": audience.chip_of(own.audience, {each.id: each.name for each in social.list_labels(own.owner_id)}),
        "goods": [selections.own_goods(each, products[each.product_id], offers.get(each.product_id)) for each in picks],
        "url": request.build_absolute_uri(reverse("storefront:selection", args=[own.token])),
        "empty": Empty(
            _("Nothing in it yet"),
            _("Press the heart of what you like where you choose goods."),
            "gift",
            Action(_("Choose goods"), reverse("studio:library"), "primary", "search"),
        ),
    }


@require_POST
@signed_in
def remove(request: HttpRequest, selection_id: int) -> HttpResponse:
    """Take a list of one's own apart."""
    actor = actor_of(request)
    db.in_transaction(lambda: alliance.remove_selection(actor=actor, selection_id=selection_id))
    messages.success(request, _("The list is gone; what stood on it is still for sale"))
    return redirect("storefront:selections")


@require_POST
@signed_in
def change_goods(request: HttpRequest, selection_id: int, product_id: int) -> HttpResponse:
    """Say something of goods in a list, or take them out: `do` is say or remove."""
    actor, what, now = actor_of(request), request.POST.get("do", ""), utc_now()
    if what == "remove":
        db.in_transaction(lambda: alliance.unpick(actor=actor, selection_id=selection_id, product_id=product_id))
    elif what == "say":
        words = request.POST.get("words", "")
        db.in_transaction(
            lambda: alliance.pick(actor=actor, selection_id=selection_id, product_id=product_id, words=words, now=now)
        )
    else:
        raise errors.FormMalformed()
    return redirect("storefront:edit-selection", selection_id)


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """A list as whoever may see it sees it: its goods that are for sale. Raises `SelectionNotFound`.

    Cost: ten queries beside the shell's, however much stands on it.
    """
    viewer = get_viewer(viewer_id(request))
    shown = queries.get_selection_for(viewer, token)
    picks = queries.picks_of(shown.id)
    found = catalog.products_by_id(each.product_id for each in picks)
    listed = [found[each.product_id] for each in picks if found[each.product_id].is_listed]
    words = {each.product_id: each.words for each in picks}
    owner = social.faces_met(viewer, [shown.owner_id]).get(shown.owner_id)
    offers = queries.offers_by_product({each.id: each.shop_id for each in listed}, publisher_id=None, at=utc_now())
    context: dict[str, object] = {
        "selection": shown,
        "is_own": shown.owner_id == viewer.person_id,
        "owner": people.face(owner.person) if owner else None,
        "goods": [
            selections.shown(card, reverse("storefront:follow-pick", args=[token, card.id]), words[card.id])
            for card in cards_of(listed)
        ],
        "earns": bool(offers),
        "url": request.build_absolute_uri(reverse("storefront:selection", args=[token])),
        "empty": Empty(_("Nothing on it is for sale now"), _("Look again later."), "tent"),
    }
    return render(request, "selection.html", context, place="home")


@require_safe
def show_code(request: HttpRequest, token: str) -> HttpResponse:
    """A list's address as a QR code, for who may see the list. Raises `SelectionNotFound`."""
    queries.get_selection_for(get_viewer(viewer_id(request)), token)
    return codes.answer_with_code(request.build_absolute_uri(reverse("storefront:selection", args=[token])))


@require_safe
def follow(request: HttpRequest, token: str, product_id: int) -> HttpResponse:
    """Goods of a list, opened from it: the click is its owner's. Raises `SelectionNotFound`."""
    user_id = viewer_id(request)
    return tags.follow(
        request,
        f"{reverse('storefront:selection', args=[token])}#goods-{product_id}",
        lambda visitor, now: alliance.follow_pick(
            token=token, product_id=product_id, visitor=visitor, user_id=user_id, now=now
        ),
    )


@require_POST
@signed_in
def copy(request: HttpRequest, token: str) -> HttpResponse:
    """A list of one's own of what another shows. Raises `SelectionNotFound`."""
    actor, name = actor_of(request), request.POST.get("name", "")

    def effect(now: datetime) -> str:
        made = alliance.copy_selection(actor=actor, token=token, name=name, now=now)
        return reverse("storefront:edit-selection", args=[made])

    answer = once(request, actor, effect)
    messages.success(request, _("It is a list of yours now, and only you see it"))
    return answer
