"""One's faces: who sees one under which name, and what one says of oneself to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import ProvenAge
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import SubjectKind
from wuyou.domains.social import errors as social_errors
from wuyou.domains.social import operations, policies, queries
from wuyou.domains.social.types import AgeBand, FaceDraft, OwnFace, Role, TraitKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import ONLY_ME, AudienceRule
from wuyou.surfaces.storefront import audience, errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import faces, people
from wuyou.surfaces.ui import parts, pictures, places
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of

MOST: Mapping[TraitKind, int] = {
    TraitKind.AGE: 1,
    TraitKind.HOBBY: policies.MAX_HOBBIES,
    TraitKind.PLACE: policies.MAX_PLACES,
}
_PLACE = ("country", "region", "city")
_PROVEN = "proven"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def show_faces(request: HttpRequest) -> HttpResponse:
    """All one's faces and what one says of oneself; POST says what the main face says.

    What is refused is said above the form, which keeps what was typed.
    """
    actor = actor_of(request)
    refused: DomainError | None = None
    own = queries.list_own_faces(actor.person_id)
    words, roles = own.words, own.roles
    if request.method == "POST":
        words, roles = request.POST.get("words", ""), _roles(request)
        try:
            db.in_transaction(lambda: operations.describe_oneself(actor=actor, words=words, roles=roles, now=utc_now()))
        except DomainError as error:
            count_refusal(error)
            refused = error
        else:
            messages.success(request, _("It is kept, and whoever may meet you reads it"))
            return redirect("storefront:faces")
    me = identity.get_person(actor.person_id)
    labels = {label.id: label.name for label in queries.list_labels(actor.person_id)}
    context: dict[str, object] = {
        "stranger": people.STRANGER,
        "main": people.face(me),
        "handle": me.handle,
        "words": words,
        "roles": faces.role_choices(roles),
        "faces": [faces.own_face(each, me, labels) for each in own.others],
        "is_held": any(subject.kind is SubjectKind.FACE for subject, _ in moderation.list_held(actor.person_id)),
        "has_room": len(own.others) < policies.MAX_FACES,
        "kinds": faces.own_kinds(queries.list_own_traits(actor.person_id), labels, MOST),
        "refusal": text_of(refused) if refused else "",
    }
    return show(request, "faces.html", context, place="me", status=status_of(refused) if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def make_face(request: HttpRequest) -> HttpResponse:
    """Another face, seen by oneself alone until one opens it."""
    actor = actor_of(request)

    def keep(draft: FaceDraft) -> HttpResponse:
        def effect(now: datetime) -> str:
            operations.make_face(actor=actor, draft=draft, now=now)
            return reverse("storefront:faces")

        return once(request, actor, effect)

    return _face_page(request, actor, FaceDraft(""), None, keep)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit_face(request: HttpRequest, face_id: int) -> HttpResponse:
    """Make one's face another, or show it to others. Raises `FaceNotFound`."""
    actor = actor_of(request)
    own = _own_face(actor, face_id)

    def keep(draft: FaceDraft) -> HttpResponse:
        db.in_transaction(lambda: operations.change_face(actor=actor, face_id=face_id, draft=draft, now=utc_now()))
        return redirect("storefront:faces")

    return _face_page(request, actor, own.draft, face_id, keep)


@require_POST
@signed_in
def change_face(request: HttpRequest, face_id: int) -> HttpResponse:
    """Put a face before or after another, or take it down: `do` is earlier, later or remove."""
    actor, what = actor_of(request), request.POST.get("do", "")
    if what == "remove":
        db.in_transaction(lambda: operations.remove_face(actor=actor, face_id=face_id))
        messages.success(request, _("Nobody sees you under this name any more"))
    elif what in {"earlier", "later"}:
        _own_face(actor, face_id)

        def move() -> None:
            order = [each.id for each in queries.list_own_faces(actor.person_id).others]
            operations.order_faces(actor=actor, face_ids=places.moved(order, face_id, what))

        db.in_transaction(move)
    else:
        raise errors.FormMalformed()
    return redirect("storefront:faces")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def say(request: HttpRequest, kind: str) -> HttpResponse:
    """Say something of oneself: an age, a hobby or a place; to oneself alone unless one opens it."""
    try:
        what = TraitKind(kind.upper())
    except ValueError as error:
        raise social_errors.TraitNotFound() from error
    actor = actor_of(request)
    refused: DomainError | None = None
    if request.method == "POST":
        try:
            rule, now = audience.rule_from(request.POST, actor.person_id), utc_now()
            db.in_transaction(lambda: _say(request, actor, what, rule, now))
        except DomainError as error:
            count_refusal(error)
            refused = error
        else:
            messages.success(request, _("It is kept, for whom you opened it to"))
            return redirect(f"{reverse('storefront:faces')}#{kind}")
    context: dict[str, object] = {
        "kind": what.value.lower(),
        "typed": {name: request.POST.get(name, "") for name in ("hobby", *_PLACE)},
        "ages": _ages(actor.person_id, request.POST.get("age", "")) if what is TraitKind.AGE else (),
        "is_new": True,
        "refusal": text_of(refused) if refused else "",
        "audience": audience.field_of(actor.person_id, ONLY_ME),
    }
    return show(request, "trait.html", context, place="me", status=status_of(refused) if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def open_said(request: HttpRequest, trait_id: int) -> HttpResponse:
    """Open what one says of oneself to others than before. Raises `TraitNotFound`."""
    actor = actor_of(request)
    own = queries.get_own_trait(actor.person_id, trait_id)
    refused: DomainError | None = None
    if request.method == "POST":
        try:
            rule, now = audience.rule_from(request.POST, actor.person_id), utc_now()
            db.in_transaction(lambda: operations.open_trait(actor=actor, trait_id=trait_id, audience=rule, now=now))
        except DomainError as error:
            count_refusal(error)
            refused = error
        else:
            messages.success(request, _("It holds from now on"))
            return redirect("storefront:faces")
    context: dict[str, object] = {
        "kind": own.trait.kind.value.lower(),
        "said": faces.said(own.trait, is_linked=False),
        "trait_id": trait_id,
        "refusal": text_of(refused) if refused else "",
        "audience": audience.field_of(actor.person_id, own.audience),
    }
    return show(request, "trait.html", context, place="me", status=status_of(refused) if refused else 200)


@require_POST
@signed_in
def take_back(request: HttpRequest, trait_id: int) -> HttpResponse:
    """Say it of oneself no longer."""
    actor = actor_of(request)
    db.in_transaction(lambda: operations.take_trait_back(actor=actor, trait_id=trait_id))
    messages.success(request, _("You say it no longer"))
    return redirect("storefront:faces")


def _face_page(
    request: HttpRequest,
    actor: Actor,
    draft: FaceDraft,
    face_id: int | None,
    keep: Callable[[FaceDraft], HttpResponse],
) -> HttpResponse:
    refused: DomainError | None = None
    rule = draft.audience
    if request.method == "POST":
        draft = FaceDraft(
            request.POST.get("name", ""), _avatar(request), request.POST.get("words", ""), _roles(request), rule
        )
        try:
            rule = audience.rule_from(request.POST, actor.person_id)
            answer = keep(FaceDraft(draft.name, draft.avatar, draft.words, draft.roles, rule))
        except DomainError as error:
            count_refusal(error)
            refused = error
        else:
            messages.success(request, _("It is kept, for whom you opened it to"))
            return answer
    me = identity.get_person(actor.person_id)
    context: dict[str, object] = {
        "face_id": face_id,
        "draft": draft,
        "main": people.face(me),
        "avatars": [(name, name == draft.avatar) for name in pictures.FACES],
        "roles": faces.role_choices(draft.roles),
        "refusal": text_of(refused) if refused else "",
        "audience": audience.field_of(actor.person_id, rule),
    }
    return show(request, "face.html", context, place="me", status=status_of(refused) if refused else 200)


def _own_face(actor: Actor, face_id: int) -> OwnFace:
    for each in queries.list_own_faces(actor.person_id).others:
        if each.id == face_id:
            return each
    raise social_errors.FaceNotFound()


def _roles(request: HttpRequest) -> tuple[Role, ...]:
    try:
        return tuple(Role(name) for name in request.POST.getlist("role"))
    except ValueError as error:
        raise errors.FormMalformed() from error


def _avatar(request: HttpRequest) -> str:
    name = request.POST.get("avatar", "")
    if name and name not in pictures.FACES:
        raise errors.FormMalformed()
    return name


def _say(request: HttpRequest, actor: Actor, kind: TraitKind, rule: AudienceRule, now: datetime) -> None:
    sent = request.POST
    match kind:
        case TraitKind.HOBBY:
            operations.say_hobby(actor=actor, hobby=sent.get("hobby", ""), audience=rule, now=now)
        case TraitKind.PLACE:
            operations.say_place(actor=actor, words=[sent.get(name, "") for name in _PLACE], audience=rule, now=now)
        case TraitKind.AGE:
            operations.say_age(actor=actor, band=_band(sent.get("age", "")), audience=rule, now=now)


def _band(text: str) -> AgeBand | None:
    """A band as the form says it, «1995+5», or None for what the proof says. Raises `FormMalformed`."""
    if text == _PROVEN:
        return None
    first, _plus, years = text.partition("+")
    if not (first.isascii() and first.isdecimal() and len(first) == 4 and years in {"5", "10"}):
        raise errors.FormMalformed()
    return AgeBand(int(first), int(years))


def _ages(me: int, chosen: str) -> list[tuple[str, list[parts.Choice]]]:
    """Ages to choose from, in groups: what the proof says, bands of five years, and of ten."""
    today = utc_now().date()
    groups = [
        (
            title,
            [
                parts.Choice(value, faces.age_name(band), chosen=value == chosen)
                for band in faces.bands(today, years)
                for value in [f"{band.first_year}+{years}"]
            ],
        )
        for title, years in ((_("Five years"), 5), (_("Ten years"), 10))
    ]
    proof = identity.find_real_name_proof(me)
    if proof is not None and proof.age_band is ProvenAge.ADULT:
        proven = parts.Choice(_PROVEN, faces.age_name(None), chosen=chosen == _PROVEN)
        groups.insert(0, (_("By real-name proof"), [proven]))
    return groups
