"""The OpenAPI document: what the framework knows of the endpoints, and what it does not know of problem documents."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from enum import Enum
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from django.utils import translation
from ninja import Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from pydantic import create_model

from wuyou.domains.catalog.types import KeywordKind
from wuyou.domains.groupbuy.types import TeamState
from wuyou.domains.messaging.types import CallDoor, ConversationKind, MessageKind, Standing, SystemLine, WriteDoor
from wuyou.domains.moderation.types import Category, Outcome, SubjectKind
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders.types import FulfilmentState, OrderKind, PaymentState, RefundStage, RefundState
from wuyou.domains.payments.types import ChargeState, IntentState
from wuyou.domains.promotions.types import Funder, Layer, PromotionKind, VoucherState
from wuyou.domains.social.types import Band, Channel, Correction, GiftKind, GiftsFrom, GiftState
from wuyou.domains.things.types import (
    Cause,
    Condition,
    HoldingSource,
    HoldingState,
    Proof,
    Purpose,
    RowFault,
    ThingKind,
)
from wuyou.surfaces.api.problems import MEDIA_TYPE, statuses_by_code, title_of
from wuyou.surfaces.ui import errors as ui_errors

if TYPE_CHECKING:
    from ninja import NinjaAPI

PREFIX = "/api/v1"
Json = dict[str, Any]
_FACTS = {
    "days": 3, "most": 5, "field": "size", "handle": "xiaolin", "minutes": 15, "limit": 20, "name": "相机",
    "label": "同学", "megabytes": 20, "megapixels": 60, "seconds": 180, "years": 14, "words": "加微信",
    "category": "Unwanted advertising", "until": "2026-03-02 12:00", "longest": 1000, "line": 3,
}  # fmt: skip
"""What the examples of sentences speak of."""
_ENUMS: dict[str, type[Enum]] = {
    kind.__name__: kind
    for kind in (
        KeywordKind,
        OrderKind,
        PaymentState,
        FulfilmentState,
        RefundState,
        RefundStage,
        PromotionKind,
        Funder,
        Layer,
        VoucherState,
        IntentState,
        ChargeState,
        TeamState,
        HoldingState,
        HoldingSource,
        Condition,
        Cause,
        Proof,
        Purpose,
        RowFault,
        ThingKind,
        Band,
        Channel,
        Correction,
        GiftKind,
        GiftState,
        GiftsFrom,
        ConversationKind,
        MessageKind,
        Standing,
        SystemLine,
        CallDoor,
        WriteDoor,
        Kind,
        SubjectKind,
        Category,
        Outcome,
    )
}

DESCRIPTION = """\
Wuyou 物友 for programs: look at goods, buy alone or with a team, sell, and earn by sharing.

**Who you are.** `POST /people` joins, `POST /tokens` makes a token; send it as `Authorization: Bearer wy_…`. Pages of
the same site may use their session instead, with `X-CSRFToken` when they write. What belongs to somebody else is not
found.

**Money** is `{"amount_minor": 3900, "currency": "CNY"}`: a whole number of the smallest unit (39.00 yuan), never a
fraction. **Moments** are UTC in RFC 3339.

**Doing it once.** Requests that move money need an `Idempotency-Key` of your choice, 1 to 200 printable ASCII
characters. Within 24 hours the same request with the same key gets the first answer, with `Idempotent-Replayed: true`,
and changes nothing; another request with the same key is refused. A refused request has changed nothing, and its key
may be used again for the same request.

**Refusals** are problem documents (RFC 9457). Decide by `code`; show `detail`, which is written for people in the
language of `Accept-Language` (`zh-Hans` or `en`). What does not fit a schema is `surface.form_malformed`, with the
places in `errors`. Bodies have at most 64 KiB and no unknown fields; files are sent as `multipart/form-data`.

**Lists** have `items` and `next_cursor`: give it back as `cursor` until it is null.

**Buying with a team**: `GET /products/{product_id}` shows the campaign and the teams to join. `POST /teams` opens one,
`POST /teams/{token}/seats` joins one, and both hold a seat; `POST /orders/{order_no}/payment` pays it. When the last
seat is paid the team has formed and the shop sends; when its time runs out, everybody is refunded.
"""

TAGS = {
    "goods": "What is sold, for everybody to look at.",
    "cart": "What a person put aside to buy.",
    "orders": "What was bought, and what became of it. The buyer, the shop and staff see an order; nobody else.",
    "payments": "Paying an order through its provider.",
    "teams": "Buying together at the team price.",
    "people": "Joining, tokens, and what you may know of yourself.",
    "relations": "Who stands how to whom, as far as you may know; nobody is told who keeps them away.",
    "things": "What people have, wish for and had: the things themselves, as far as you may know of them.",
    "copies": "One person's copies of things, on shelves, opened to exactly whom they choose. Yours are private first.",
    "words": "What people say of things: reviews, annotations and their threads, thanks.",
    "posts": "What people publish, and how it is received.",
    "channels": "What the site's editors define, the posts in each, and why one of yours is where it is.",
    "gifts": "Gifts without prices. The two people of one alone know of it.",
    "talk": "What people say to each other. Nobody reads it but who takes part.",
    "notifications": "What happened to you, as far as you may still hear of it.",
    "moderation": "Reports of what breaks a rule, decisions about what you published, and what was done.",
    "promotions": "Coupons and red packets: claimed, kept, opened, stopped.",
    "claims": "Refunds and returns: asked for, answered in time or by time, sent back, decided.",
    "complaints": "When something is wrong with an order: said, answered, decided.",
    "links": "Sharing products and earning by it.",
    "shops": "Selling.",
    "awards": "What the site honours, and who has won.",
    "statements": "Closed months of what you are owed, with their proof.",
    "payouts": "Paying out what is owed.",
    "about": "About this interface.",
}


@cache
def openapi_json(api: NinjaAPI) -> bytes:
    """The document as it is served and kept in `docs/reference`, the same for the same code."""
    with translation.override("en"):
        document: Json = dict(_Answering(api, f"{PREFIX}/"))
        document = json.loads(json.dumps(document))  # statuses become texts, as JSON has them
        document["info"]["description"] = DESCRIPTION
        document["servers"] = [{"url": "/", "description": "This installation"}]
        document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
        shared: Json = {}
        for operation in _operations(document):
            responses = operation["responses"]
            operation["responses"] = {
                status: response if int(status) < 400 else _problem_response(response, shared)
                for status, response in responses.items()
            }
            for parameter in operation.get("parameters", ()):
                _tidy_parameter(parameter)
        components: Json = document["components"]
        components["responses"] = dict(sorted(shared.items()))
        components["examples"] = {code: _example(code, status) for code, status in _codes_in(document)}
        for name, schema in components["schemas"].items():
            _drop_titles(schema)
            if name in _ENUMS:
                schema["description"] = _words_of(_ENUMS[name])
        named = json.dumps(document)
        components["schemas"] = {
            name: schema
            for name, schema in sorted(components["schemas"].items())
            if f'"#/components/schemas/{name}"' in named  # what parameters were made of is not
        }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


class _Answering(OpenAPISchema):
    """The framework's document of operations whose answers become models here: who only answers needs none of them."""

    def responses(self, operation: Operation) -> dict[int, Json]:
        answers: dict[int, Any] = operation.view_func.answers  # type: ignore[attr-defined]
        operation.response_models = {status: _model_of(kind) for status, kind in answers.items()}
        return super().responses(operation)


@cache
def _model_of(kind: Any) -> type[Schema] | None:
    return None if kind is None else create_model("Answer", __base__=Schema, response=(kind, ...))


def _operations(document: Json) -> Iterator[Json]:
    for path in document["paths"].values():
        yield from path.values()


def _problem_response(response: Json, shared: Json) -> Json:
    """A response with problem documents; one with a single code is written once and named everywhere."""
    codes = response["description"].replace("`", "").split(", ")
    (content,) = response["content"].values()
    content["examples"] = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    response["content"] = {MEDIA_TYPE: content}
    if len(codes) > 1:
        return response
    shared[codes[0]] = response
    return {"$ref": f"#/components/responses/{codes[0]}"}


def _codes_in(document: Json) -> list[tuple[str, int]]:
    named = json.dumps(document)
    return [(code, status) for code, status in sorted(statuses_by_code().items()) if f"examples/{code}" in named]


def _tidy_parameter(parameter: Json) -> None:
    """A parameter that may be left out is left out: an address has no null."""
    schema = parameter["schema"]
    kinds = [each for each in schema.pop("anyOf", ()) if each != {"type": "null"}]
    for kind in kinds:
        schema.update(kind)
    schema.pop("title", None)
    schema.pop("description", None)  # stands beside the schema


def _example(code: str, status: int) -> Json:
    text = ui_errors.text_of_code(code)
    detail = text % _FACTS if "%(" in text else text
    value: Json = {
        "type": f"{PREFIX}/problems/{code}",
        "title": title_of(status),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if code == "surface.form_malformed":
        hint = "Input should be greater than or equal to 1"
        value["errors"] = [{"pointer": "body/lines/0/quantity", "rule": "greater_than_equal", "hint": hint}]
    return {"value": value}


def _words_of(enum: type[Enum]) -> str:
    """What an enumeration and its members say of themselves."""
    (tree,) = ast.parse(dedent(inspect.getsource(enum))).body
    assert isinstance(tree, ast.ClassDef)  # noqa: S101  (the source of a class is a class)
    said = [ast.get_docstring(tree) or ""]
    for statement, following in pairwise(tree.body):
        if isinstance(statement, ast.Assign) and isinstance(following, ast.Expr):
            words = inspect.cleandoc(ast.literal_eval(following.value)).replace("\n", " ")
            said.append(f"`{ast.literal_eval(statement.value)}`: {words}")
    return "\n\n".join(filter(None, said)) or "One of these."


def _drop_titles(schema: Json) -> None:
    """Leave out the titles that only repeat a property's name."""
    for name, part in schema.items():
        if name in ("properties", "$defs"):
            for each in part.values():
                each.pop("title", None)
                _drop_titles(each)
        elif name in ("items", "additionalProperties") and isinstance(part, dict):
            _drop_titles(part)
        elif name in ("anyOf", "oneOf", "allOf"):
            for each in part:
                _drop_titles(each)
    if schema.get("type") != "object":
        schema.pop("title", None)
