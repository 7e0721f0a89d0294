"""What the picker of an audience asks while somebody types."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wuyou.surfaces.storefront import audience, errors
from wuyou.surfaces.storefront.access import actor_of

_NAME = re.compile(r"[a-z_]{1,40}")


@require_safe
def find_people(request: HttpRequest) -> HttpResponse:
    """Who is called by the `names` that were typed, as rows to tick under the field `name`, and the names of nobody.

    Raises: `SignInFirst`, `FormMalformed`.
    """
    name = request.GET.get("name", "")
    if not _NAME.fullmatch(name):
        raise errors.FormMalformed()
    called = audience.people_called(actor_of(request).person_id, request.GET.get("names", ""))
    context = {
        "name": name,
        "options": [audience.person_option(person) for person in called.values() if person],
        "unknown": " ".join(f"@{handle}" for handle, person in called.items() if person is None),
    }
    response = render(request, "storefront/audience_people.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
