"""Seeing nothing of a thing or a brand any more, and seeing it again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wuyou.domains.social import operations as social
from wuyou.domains.things import operations
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import Subject, SubjectKind
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.ui.parsing import read_id

_BLOCKS = {"thing": operations.block_thing, "brand": operations.block_brand}


@require_POST
@signed_in
def block(request: HttpRequest, thing_id: int) -> HttpResponse:
    """See nothing of a thing, or of its brand, any more. Raises `ThingNotFound`, `BrandNotFound`."""
    block_it = _BLOCKS.get(request.POST.get("what", ""))
    if block_it is None:
        raise errors.FormMalformed()
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: block_it(actor=actor, thing_id=thing_id, now=now))
    messages.success(request, _("You see nothing of it any more, but for what is your own"))
    return _list()


@require_POST
@signed_in
def unblock(request: HttpRequest) -> HttpResponse:
    """See it again: `kind` and `id` are as the list of what is blocked has them."""
    try:
        subject = Subject(SubjectKind[request.POST.get("kind", "")], read_id(request.POST.get("id", "")))
    except (KeyError, ValueError) as error:
        raise errors.FormMalformed() from error
    actor = actor_of(request)
    db.in_transaction(lambda: social.unblock_subject(actor=actor, subject=subject))
    messages.success(request, _("You see it again"))
    return _list()


def _list() -> HttpResponse:
    return redirect(f"{reverse('storefront:privacy')}#shut")
