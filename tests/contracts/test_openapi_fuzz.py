"""Whatever the document allows or forbids, sent by anybody: no answer is our fault, and the document has every answer.

Cases are made by Schemathesis, the same in every run. Each is sent as it was made, and once more with the ids of things
that exist in their places, if it has any, so that it gets past *not found*: by nobody, by an ordinary person and by a
shop's owner.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker
from schemathesis import Case
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import empty_tables
from tests.surfaces.api.client import REFERENCE, client_for, new_client
from tests.surfaces.api.conftest import Market, make_market
from wuyou.domains.catalog import operations as catalog
from wuyou.infra import db, events
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

load_all_checks()
CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"max-examples": 8, "deterministic": True, "with-security-parameters": False, "no-shrink": True},
        # What fits the schema may still be refused by the business: sold out, full, not yours.
        "checks": {"positive_data_acceptance": {"enabled": False}},
    }
)
# As it is kept, and held to the code by another test: every worker needs it to know the names of these.
DOCUMENT = json.loads(REFERENCE.read_text())
OPERATIONS = [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods]
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
SCHEMA.app = WSGIHandler()
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@dataclass(frozen=True)
class Stage:
    """Who asks, and the ids of things that exist."""

    headers: tuple[dict[str, str], ...]
    in_path: dict[str, Any]
    in_body: dict[str, Any]
    turns: Iterator[dict[str, str]]


@pytest.fixture(scope="module")
def fair(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Market]:
    """A committed market for all cases."""
    with django_db_blocker.unblock():
        db.in_transaction(lambda: events.register(events.subscribers()))
        try:
            yield make_market(stock=10_000)
        finally:
            empty_tables()


@pytest.fixture
def stage(fair: Market) -> Stage:
    """An unpaid order of an ordinary person's, a forming team, a link."""
    buyer, owner = new_client(), client_for(fair.owner)
    _put_back(fair)
    seat = fair.order_in_team(buyer)
    fair.pay(buyer, seat["order_no"])
    link = buyer.post("/links", {"product_id": fair.product.id}).ok()
    existing = {
        "product_id": fair.product.id,
        "variant_id": fair.variant_id,
        "campaign_id": fair.campaign.id,
        "shop_id": fair.shop.id,
        "payee_id": fair.shop.id,
    }
    in_path = {
        **existing, "order_no": fair.order_alone(buyer), "token": seat["team_token"], "code": "groupbuy.team_full",
    }  # fmt: skip
    headers = tuple({"Authorization": f"Bearer {client.token}"} if client else {} for client in (None, buyer, owner))
    return Stage(headers, in_path, {**existing, "token": link["token"]}, cycle(headers))


def _put_back(fair: Market) -> None:
    """On the shelves at its prices: the owner is among who ask, and may have changed them."""
    actor, variant, now = Actor(fair.owner.id), fair.product.variants[0], utc_now()

    def entry() -> None:
        catalog.list_product(actor=actor, product_id=fair.product.id, now=now)
        catalog.set_prices(
            actor=actor, variant_id=variant.id, price=variant.price, team_price=variant.team_price, now=now
        )

    db.in_transaction(entry)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_is_our_fault(operation: str, stage: Stage) -> None:
    # As its own decorator does, which makes the cases of all while tests are collected, in every worker.
    method, path = operation.split(" ")
    feedback = FeedbackSources(constants_value_source=make_constants_value_source(SCHEMA))
    holds = build_operation_test(
        config=SCHEMA.config, operation=SCHEMA[path][method], test_func=_holds, given_kwargs={}, feedback=feedback
    )
    holds(stage=stage)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
def _holds(case: Case[Any], stage: Stage) -> None:
    # What breaks the schema is refused before anybody is told from another: one of them tries it, by turns.
    is_positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    asking = stage.headers if is_positive else (next(stage.turns),)
    for headers in asking:
        case.call_and_validate(headers=headers)
    if case.method.upper() != case.operation.method.upper():
        return  # the case asked with a method that is not offered
    names = case.path_parameters or {}
    known = {name: stage.in_path.get(name, value) for name, value in names.items()}
    body = _with_ids(case.body, stage.in_body)
    if repr((known, body)) == repr((dict(names), case.body)):
        return  # it names nothing of what exists: it would be the same request again
    likely = case.operation.Case(
        method=case.operation.method,
        path_parameters=known,
        query=case.query,
        headers=case.headers,
        body=body,
        media_type=case.media_type,
    )
    for headers in asking:
        likely.validate_response(likely.call(headers=headers), checks=CHECKS)


def _with_ids(body: Any, existing: dict[str, Any]) -> Any:
    """The body with ids of things that exist, and otherwise as it was made."""
    if isinstance(body, dict):
        return {name: existing.get(name, _with_ids(value, existing)) for name, value in body.items()}
    if isinstance(body, list):
        return [_with_ids(each, existing) for each in body]
    return body
