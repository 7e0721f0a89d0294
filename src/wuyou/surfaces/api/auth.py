"""Who is asking: a program with an access token, or a page of ours with its session."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware
from ninja.errors import AuthenticationError
from ninja.security import APIKeyCookie, HttpBearer

from wuyou.domains.identity import queries as identity
from wuyou.kernel.actor import Actor
from wuyou.surfaces.api.problems import HttpRefusal

MAX_TOKEN = 200


class AccessToken(HttpBearer):
    """A token from `POST /tokens`, in the header `Authorization: Bearer wy_…`."""

    openapi_bearerFormat = "wy_…"  # noqa: N815  (the name that OpenAPI has)
    openapi_description = "A token from `POST /tokens`. It acts for the person who made it until it is revoked."

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Who acts with the token. Raises `AuthenticationError`: a wrong token never falls back on a session."""
        actor = identity.find_actor_by_token(token) if 0 < len(token) <= MAX_TOKEN else None
        if actor is None:
            raise AuthenticationError
        return actor


class PageSession(APIKeyCookie):
    """The cookie of a signed-in page of this site. Writing needs the header `X-CSRFToken` too."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = "The session of a signed-in page of this site; writing needs the header `X-CSRFToken` too."

    def _get_key(self, request: HttpRequest) -> str | None:
        # Nothing is checked for a request without a session: it is simply not signed in.
        return None if "Authorization" in request.headers else request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Whose page it is. Raises `HttpRefusal` when the request may come from elsewhere."""
        if key is None or not request.user.is_authenticated:
            return None
        if _csrf.process_view(request, _no_view, (), {}) is not None:
            raise HttpRefusal("api.csrf_failed")
        return Actor(request.user.pk, is_staff=request.user.is_staff)


class Anyone:
    """Lets a request pass that does not say whose it is; what it sees is what everybody sees."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Nobody in particular, unless the request claimed to be somebody."""
        return None if "Authorization" in request.headers else ANONYMOUS


ANONYMOUS = Actor(user_id=None)


def _no_view(request: HttpRequest) -> HttpResponse:
    """Stands for a view that is not exempt."""
    return HttpResponse()


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponseForbidden:
        return HttpResponseForbidden()


_csrf = _Csrf(_no_view)
