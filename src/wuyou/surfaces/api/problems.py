"""Refusals as problem documents (RFC 9457): a stable `code` for programs, a sentence for people in their language."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as schema_dataclass

import wuyou
from wuyou.kernel.errors import DomainError, ErrorKind
from wuyou.surfaces.ui import errors as ui_errors

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
NOT_KEPT = {"Cache-Control": "no-store"}
"""What is one person's, or true only now, is kept by nobody on the way."""

DOCUMENTED = ConfigDict(use_attribute_docstrings=True)
"""Attribute docstrings become descriptions in the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing in the request that does not fit."""

    __pydantic_config__ = DOCUMENTED

    pointer: str
    """Where: the part of the request and a JSON pointer into it, such as `body/lines/0/quantity`."""
    rule: str
    """Which rule it breaks, such as `greater_than_equal`."""
    hint: str
    """The rule in English, for the programmer."""


# Of the framework's making, so that its schema is made once and not anew for every status of every operation.
@schema_dataclass(frozen=True, slots=True, config=DOCUMENTED)
class Problem:
    """Why nothing happened."""

    type: str
    """Where this code is explained, relative to the server."""
    title: str
    """What kind of refusal it is, in the reader's language."""
    status: int
    """The HTTP status."""
    code: str
    """The refusal's stable name: `groupbuy.team_full`. Programs decide by this."""
    detail: str
    """A sentence for the person who waits, in the language of `Accept-Language` (Chinese or English)."""
    errors: tuple[Mistake, ...] | None = None
    """What does not fit, for `surface.form_malformed` only."""


class HttpRefusal(Exception):
    """A refusal that only HTTP knows, such as a body that is too large."""

    def __init__(self, code: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(code)
        self.code = code
        self.headers = headers


class NotAllowed(DomainError):
    """You see it, and yet this is for others to do."""

    code = "surface.not_allowed"
    kind = ErrorKind.FORBIDDEN


_API = "/api/"

HTTP_STATUS: dict[str, int] = {
    "api.not_understood": 400,
    "api.json_malformed": 400,
    "api.key_missing": 400,
    "surface.sign_in_first": 401,
    "surface.sign_in_failed": 401,
    "api.csrf_failed": 403,
    "api.no_such_place": 404,
    "api.method_not_allowed": 405,
    "api.body_too_large": 413,
    "api.media_type_unsupported": 415,
    "surface.form_malformed": 422,
    "api.failed": 500,
    "api.unavailable": 503,
}
"""Refusals that are no domain's, and their status."""

_TITLES: dict[int, Promise] = {
    400: gettext_lazy("Not understood"),
    401: gettext_lazy("Sign in first"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Not offered"),
    409: gettext_lazy("No longer possible"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Not understood"),
    422: gettext_lazy("Not valid"),
    429: gettext_lazy("Limit reached"),
    500: gettext_lazy("Our fault"),
    503: gettext_lazy("Try again later"),
}
_problem = TypeAdapter(Problem)


def answer_exception(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The problem document for anything that an endpoint let rise; what nobody expected is logged and says nothing."""
    if isinstance(error, type):
        error = error()
    if isinstance(error, DomainError):
        ui_errors.count_refusal(error)
        return problem(error.code, ui_errors.status_of(error), ui_errors.text_of(error))
    if isinstance(error, ValidationError):
        return refusal("surface.form_malformed", mistakes=tuple(_mistake(each) for each in error.errors))
    if isinstance(error, HttpError) and isinstance(error.__cause__, HttpRefusal):
        error = error.__cause__  # how the framework wraps what the parser of bodies refuses
    if isinstance(error, HttpRefusal):
        return refusal(error.code, headers=error.headers)
    if isinstance(error, AuthenticationError):
        return refusal("surface.sign_in_first", headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, HttpError):
        return refusal("api.json_malformed")
    if isinstance(error, Http404):
        return refusal("api.no_such_place")
    if isinstance(error, MultiPartParserError):
        return refusal("api.media_type_unsupported")
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return refusal("api.body_too_large")
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("api_database_unavailable", path=request.path, exc_info=error)
        return refusal("api.unavailable", headers={"Retry-After": "1"})
    log.error("api_failed", method=request.method, path=request.path, exc_info=error)
    return refusal("api.failed")


def refusal(
    code: str, *, mistakes: tuple[Mistake, ...] | None = None, headers: Mapping[str, str] = MappingProxyType({})
) -> HttpResponse:
    """The problem document of a refusal that is no domain's."""
    response = problem(code, HTTP_STATUS[code], ui_errors.text_of_code(code), mistakes)
    for name, value in headers.items():
        response[name] = value
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What is refused before anybody looks at the address, such as a host that is not ours: programs get a document."""
    if request.path.startswith(_API):
        return refusal("api.not_understood")
    return ui_errors.bad_request(request, exception)


def problem(code: str, status: int, detail: str, mistakes: tuple[Mistake, ...] | None = None) -> HttpResponse:
    """A problem document."""
    document = Problem(f"/api/v1/problems/{code}", title_of(status), status, code, detail, mistakes)
    response = HttpResponse(
        _problem.dump_json(document, exclude_none=True), status=status, content_type=MEDIA_TYPE, headers=NOT_KEPT
    )
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


@cache
def load_refusals() -> None:
    """Import every module that may define a refusal: one that nothing has needed yet has its code all the same."""
    for module in pkgutil.walk_packages(wuyou.__path__, "wuyou."):
        if module.name.rpartition(".")[2] == "errors" or module.name.startswith("wuyou.infra."):
            importlib.import_module(module.name)


def statuses_by_code() -> dict[str, int]:
    """Every code that anything may refuse with, and its status."""
    load_refusals()
    return {kind.code: ui_errors.STATUS[kind.kind] for kind in _kinds(DomainError)} | HTTP_STATUS


def _kinds(of: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def title_of(status: int) -> str:
    """What kind of refusal a status is, in the reader's language."""
    return str(_TITLES[status])


def _mistake(error: dict[str, Any]) -> Mistake:
    where, *path = (str(step) for step in error["loc"])
    if where == "body" and path[:1] == ["body"]:  # the framework names the argument that holds the body
        del path[0]
    return Mistake("/".join([where, *path]), error["type"], error["msg"])
