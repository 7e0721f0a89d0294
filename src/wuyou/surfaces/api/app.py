"""The API as one object: its resources, its refusals, its document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from pydantic_core import from_json

from wuyou.surfaces.api import (
    about,
    awards,
    carts,
    channels,
    claims,
    complaints,
    copies,
    files,
    gifts,
    goods,
    goods_photos,
    judging,
    labels,
    links,
    messages,
    notifications,
    orders,
    parcels,
    payments,
    payouts,
    people,
    posts,
    promotions,
    relations,
    responses,
    reviews,
    shelves,
    shop_goods,
    shops,
    statements,
    talk,
    teams,
    things,
    threads,
    ties,
)
from wuyou.surfaces.api.document import openapi_json
from wuyou.surfaces.api.problems import HttpRefusal, answer_exception, refusal

MAX_BODY_BYTES = 64 * 1024


class BoundedParser(Parser):
    """Reads bodies that are JSON, not too large and not too deep (200 levels); everything else is refused."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise HttpRefusal("api.media_type_unsupported")
        if len(request.body) > MAX_BODY_BYTES:
            raise HttpRefusal("api.body_too_large")
        try:
            body: dict[str, Any] = from_json(request.body, allow_inf_nan=False)
        except ValueError as error:
            raise HttpRefusal("api.json_malformed") from error
        return body  # or any other JSON: validation comes next


class Api(NinjaAPI):
    """The framework's API with every refusal as a problem document, also before an operation is found."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        urls = super()._get_urls()[:-1]  # without the page that the framework offers at the root
        for pattern in urls:
            if isinstance(pattern, URLPattern):
                pattern.callback = _with_problems(pattern.callback)
        return urls


def _with_problems(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @csrf_exempt  # a session is checked where it is used
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            return refusal("api.method_not_allowed", headers={"Allow": response["Allow"]})
        return response

    return answer


elsewhere = Router()
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@elsewhere.get("/openapi.json", include_in_schema=False)
def show_document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document of this interface."""
    return HttpResponse(openapi_json(api), content_type="application/json")


@elsewhere.api_operation(_METHODS, "/", include_in_schema=False)
def answer_root(request: HttpRequest) -> None:
    """The root is no place either."""
    raise HttpRefusal("api.no_such_place")


@elsewhere.api_operation(_METHODS, "/{path:rest}", include_in_schema=False)
def answer_no_such_place(request: HttpRequest, rest: str) -> None:
    """Whatever else is asked for."""
    raise HttpRefusal("api.no_such_place")


api = Api(
    title="Wuyou 物友", version="1", urls_namespace="api", parser=BoundedParser(), openapi_url=None, docs_url=None
)
for kind in (Exception, Http404, HttpError, ValidationError):  # the framework's own handlers know no problem documents
    api.add_exception_handler(kind, answer_exception)
for router in (
    goods.router,
    goods_photos.router,
    carts.router,
    orders.router,
    parcels.router,
    claims.router,
    complaints.router,
    payments.router,
    teams.router,
    promotions.router,
    people.router,
    relations.router,
    labels.router,
    ties.router,
    gifts.router,
    messages.router,
    talk.router,
    notifications.router,
    things.router,
    copies.router,
    shelves.router,
    files.router,
    reviews.router,
    threads.router,
    posts.router,
    responses.router,
    channels.router,
    judging.router,
    links.router,
    awards.router,
    shops.router,
    shop_goods.router,
    statements.router,
    payouts.router,
    about.router,
    elsewhere,
):
    api.add_router("", router)
