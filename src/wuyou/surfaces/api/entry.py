"""The entry point of every endpoint: who asks, one transaction, one answer for one key, rendering.

An endpoint is a function of a `Call` and typed values that returns a frozen dataclass. `operation` registers it; the
function stays as it is.
"""

from __future__ import annotations

import gc
import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import cache
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter

from wuyou.infra import db, idempotency
from wuyou.infra.metrics import REPLAYED_REQUESTS
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.tokens import digest
from wuyou.surfaces.api.auth import ANONYMOUS, AccessToken, Anyone, PageSession
from wuyou.surfaces.api.problems import HTTP_STATUS, NOT_KEPT, HttpRefusal, Problem
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui.client import address_of

P = ParamSpec("P")
Answer = TypeVar("Answer")
View = Callable[Concatenate["Call", P], Answer]

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, when, and from where."""

    actor: Actor
    now: datetime
    address: str
    """The network address that the request came from."""


class Who(Enum):
    """Whom an endpoint answers."""

    PERSON = auto()
    """Who is signed in."""
    ANYONE = auto()
    """Everybody alike; nobody is asked who they are."""
    TOKEN = auto()
    """Who sends an access token."""
    ANYONE_KNOWN_OR_NOT = auto()
    """Everybody, but some see more."""


class Entry(Enum):
    """How an endpoint meets the database."""

    READ = auto()
    """Without a transaction of its own."""
    WRITE = auto()
    """In one transaction, run again from the start when the database asks for it. Twice is once by nature."""
    ONCE = auto()
    """In one transaction that also claims the request's `Idempotency-Key` and keeps the answer beside the effect."""
    ONCE_IF_KEYED = auto()
    """Like `ONCE` when the request has a key, like `WRITE` when it has none."""
    ACROSS = auto()
    """Opens several transactions itself and does its work once however often it is called; the key is claimed before
    and its answer kept after."""


_AUTH: dict[Who, list[Callable[[HttpRequest], Actor | None]] | None] = {
    Who.PERSON: [AccessToken(), PageSession()],
    Who.TOKEN: [AccessToken()],
    Who.ANYONE: None,
    Who.ANYONE_KNOWN_OR_NOT: [AccessToken(), PageSession(), Anyone()],
}
_KEYED = (Entry.ONCE, Entry.ONCE_IF_KEYED, Entry.ACROSS)


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    entry: Entry,
    who: Who = Who.PERSON,
    status: int = 200,
    refuses: Sequence[type[DomainError] | str] = (),
) -> Callable[[View[P, Answer]], View[P, Answer]]:
    """Register an endpoint.

    Args: status: of its answer; refuses: the refusals that it documents, besides those that every endpoint has.
    """

    def register(view: View[P, Answer]) -> View[P, Answer]:
        signature = inspect.signature(view, eval_str=True)
        handle = _handler(view, signature.return_annotation, entry, who, status)
        request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=HttpRequest)
        parameters = [request, *list(signature.parameters.values())[1:]]
        handle.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        handle.__name__, handle.__module__, handle.__doc__ = view.__name__, view.__module__, view.__doc__
        summary, _, description = inspect.cleandoc(view.__doc__ or "").partition("\n\n")
        codes = _codes_by_status(entry, who, method, refuses)
        answers = {status: signature.return_annotation, **dict.fromkeys(codes, Problem)}
        handle.answers = answers  # type: ignore[attr-defined]  # the document makes models of them
        router.api_operation(
            [method],
            path,
            auth=_AUTH[who],
            response={status: None},  # it renders by itself
            operation_id=view.__name__,
            summary=summary.replace("\n", " ").rstrip("."),
            description=description or None,
            openapi_extra=_extra(entry, who, status, codes),
        )(handle)
        return view

    return register


@contextmanager
def _whole() -> Iterator[None]:
    """No collection comes between: descriptions are parsed out of sources, and CPython 3.11 breaks off with a
    `SystemError` when a finalizer parses something too in the middle of it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _handler(
    view: Callable[..., Answer], kind: Any, entry: Entry, who: Who, status: int
) -> Callable[..., HttpResponse]:
    @cache
    def adapter() -> TypeAdapter[Answer]:
        # Made when it first answers: those of all endpoints take longer than everything else in a start.
        with _whole():
            return TypeAdapter(kind)

    def render(call: Call, values: dict[str, Any]) -> bytes:
        return adapter().dump_json(view(call, **values))

    def handle(request: HttpRequest, **values: Any) -> HttpResponse:
        call = Call(getattr(request, "auth", ANONYMOUS), utc_now(), address_of(request))
        key = request.headers.get(KEY_HEADER) if entry in _KEYED else None
        if key is not None:
            claim = _Claim(f"person:{call.actor.user_id}", key, _request_hash(request), status)
            run = claim.across if entry is Entry.ACROSS else claim.within
            return run(call, lambda: render(call, values))
        if entry in (Entry.ONCE, Entry.ACROSS):
            raise HttpRefusal("api.key_missing")
        if entry is Entry.READ:
            response = _answer(render(call, values), status)
            if who is Who.ANYONE and request.method == "GET":
                del response["Cache-Control"]  # the same for everybody
            return response
        return _answer(db.in_transaction(lambda: render(call, values)), status)

    return handle


@dataclass(frozen=True, slots=True)
class _Claim:
    """One request that is answered once."""

    owner: str
    key: str
    request_hash: str
    status: int

    def within(self, call: Call, work: Callable[[], bytes]) -> HttpResponse:
        """Claim, work and keep in one transaction."""

        def once() -> tuple[idempotency.KeptAnswer, bool]:
            kept = self._take(call)
            if kept is not None:
                return kept, True
            return self._keep(work()), False

        return _kept_answer(*db.in_transaction(once))

    def across(self, call: Call, work: Callable[[], bytes]) -> HttpResponse:
        """Claim, then work in transactions of its own, then keep; whoever keeps first is the answer of all."""
        kept = db.in_one_statement(lambda: self._take(call))
        if kept is not None:
            return _kept_answer(kept, is_replayed=True)
        try:
            body = work()
        except DomainError:  # nothing has changed, so nothing of the claim stays either
            db.in_one_statement(lambda: idempotency.give_up(owner=self.owner, key=self.key))
            raise
        return _kept_answer(db.in_one_statement(lambda: self._keep(body)), is_replayed=False)

    def _take(self, call: Call) -> idempotency.KeptAnswer | None:
        return idempotency.claim(owner=self.owner, key=self.key, request_hash=self.request_hash, now=call.now)

    def _keep(self, body: bytes) -> idempotency.KeptAnswer:
        return idempotency.keep(owner=self.owner, key=self.key, status=self.status, body=body.decode())


def _kept_answer(kept: idempotency.KeptAnswer, is_replayed: bool) -> HttpResponse:
    response = _answer(kept.body.encode(), kept.status)
    if is_replayed:
        REPLAYED_REQUESTS.inc()
        response[REPLAYED_HEADER] = "true"
    return response


def _answer(body: bytes, status: int) -> HttpResponse:
    if status == HTTPStatus.NO_CONTENT:
        return HttpResponse(status=status)
    return HttpResponse(body, status=status, content_type="application/json", headers=NOT_KEPT)


def _request_hash(request: HttpRequest) -> str:
    return digest(f"{request.method} {request.path}\n".encode() + request.body)


def _codes_by_status(
    entry: Entry, who: Who, method: str, refuses: Sequence[type[DomainError] | str]
) -> dict[int, list[str]]:
    """Every refusal that an endpoint documents, by status."""
    codes: dict[int, list[str]] = defaultdict(list)
    for refused in refuses:
        if isinstance(refused, str):
            codes[HTTP_STATUS[refused]].append(refused)
        else:
            codes[ui_errors.STATUS[refused.kind]].append(refused.code)
    general = ["api.not_understood", "surface.form_malformed", "api.failed", "api.unavailable"]
    if who is not Who.ANYONE:
        general += ["surface.sign_in_first", *(["api.csrf_failed"] if method != "GET" and who is not Who.TOKEN else [])]
    if method != "GET":
        general += ["api.json_malformed", "api.body_too_large", "api.media_type_unsupported"]
    if entry in _KEYED:
        general += ["api.key_missing"] if entry is not Entry.ONCE_IF_KEYED else []
        codes[422] += [idempotency.KeyMalformed.code, idempotency.KeyReused.code]
    for code in general:
        codes[HTTP_STATUS[code]].append(code)
    return dict(sorted(codes.items()))


def _extra(entry: Entry, who: Who, status: int, codes: dict[int, list[str]]) -> dict[str, Any]:
    """What the framework does not know of an endpoint, for the OpenAPI document."""
    extra: dict[str, Any] = {
        "responses": {code: {"description": ", ".join(f"`{name}`" for name in names)} for code, names in codes.items()}
    }
    if who is Who.ANYONE_KNOWN_OR_NOT:
        extra["security"] = [{}]
    if entry in _KEYED:
        extra["parameters"] = [
            {
                "in": "header",
                "name": KEY_HEADER,
                "required": entry is not Entry.ONCE_IF_KEYED,
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
                "description": "Names this request. Sent again within 24 hours, the same request gets the first answer "
                "and changes nothing.",
                "example": "7b1f6c1e-0d0a-4c58-9a55-5f0f8f0a3f6e",
            }
        ]
        extra["responses"][status] = {
            "headers": {
                REPLAYED_HEADER: {
                    "description": "`true` when this is the first answer again.",
                    "schema": {"type": "string", "const": "true"},
                }
            }
        }
    return extra
