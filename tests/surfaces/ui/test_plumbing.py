"""What every answer carries, whether the process can work, and its counters."""

from __future__ import annotations

import json
import logging
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client

from wuyou.infra import db


@pytest.mark.django_db
def test_answer_carries_a_request_id_and_its_line_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="wuyou.request"):
        given = client.get("/healthz", headers={"X-Request-ID": "proxy-given-id-1"})
        made = client.get("/healthz")

    assert given["X-Request-ID"] == "proxy-given-id-1"
    assert len(made["X-Request-ID"]) >= 8
    lines = [record.msg for record in caplog.records if record.name == "wuyou.request"]
    assert [(line["request_id"], line["path"], line["status"]) for line in lines] == [
        ("proxy-given-id-1", "/healthz", 200),
        (made["X-Request-ID"], "/healthz", 200),
    ]
    assert all(line["duration_ms"] >= 0 for line in lines)


@pytest.mark.django_db
@pytest.mark.parametrize("hostile", ["short", "x" * 65, "a b c d e f g", "new\tline-in-it"])
def test_request_id_that_could_forge_a_log_line_is_replaced(client: Client, hostile: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": hostile})["X-Request-ID"] != hostile


@pytest.mark.django_db
def test_health_follows_the_database(client: Client) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").json()) == (200, {"status": "ok"})
    with mock.patch.object(db, "row", side_effect=OperationalError("gone")):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "database unreachable"})


@pytest.mark.django_db
def test_metrics_are_for_this_machine_alone(client: Client) -> None:
    client.get("/healthz")
    text = client.get("/metrics").content.decode()

    assert 'wuyou_http_requests_total{method="GET",route="healthz",status="200"}' in text
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


@pytest.mark.django_db
def test_unheard_of_methods_share_one_label(client: Client) -> None:
    client.generic("FROBNICATE", "/healthz")

    text = client.get("/metrics").content.decode()
    assert "FROBNICATE" not in text
    assert 'method="other"' in text


@pytest.mark.django_db
def test_pages_carry_a_policy_without_inline_code(client: Client) -> None:
    policy = client.get("/healthz")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


def test_log_line_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    import structlog

    from wuyou.infra import logs

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.configure("INFO")
        structlog.contextvars.bind_contextvars(request_id="abc")
        structlog.get_logger("tests.plumbing").info("happened", thing="蜂蜜")
    finally:
        structlog.contextvars.unbind_contextvars("request_id")
        root.handlers[:] = handlers
        root.setLevel(level)
    line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert (line["event"], line["thing"], line["request_id"], line["level"]) == ("happened", "蜂蜜", "abc", "info")
