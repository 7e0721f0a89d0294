"""Keeps when and from where a session was last used, so that people find their own in the list."""

from __future__ import annotations

import time

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

from wuyou.surfaces.ui.middleware import Answer

SEEN_AT = "seen_at"
"""Key in the session: when its row was last brought up to date."""

_EVERY_S = 300


class SeenSessions:
    """Writes at most every five minutes, and only for requests that looked at the session anyway."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed and SEEN_AT in request.session and request.user.is_authenticated:
            now = time.time()
            if now - request.session[SEEN_AT] > _EVERY_S:
                UserSession.objects.create_from_request(request)
                request.session[SEEN_AT] = now
        return response
