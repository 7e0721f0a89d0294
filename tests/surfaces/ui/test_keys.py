"""Programs find every public key that statements were signed with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.builders.ledger import lively_books
from wuyou.config.env import get_env
from wuyou.domains.ledger import tasks
from wuyou.engines.statements import chain
from wuyou.surfaces.cli.main import main

WELL_KNOWN = "/.well-known/wuyou-statement-keys.json"
CLOSING = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own, whose key may be renewed."""
    monkeypatch.setenv("WUYOU_HOME", str(tmp_path))
    monkeypatch.delenv("WUYOU_STATEMENT_KEY", raising=False)
    get_env.cache_clear()
    yield tmp_path
    get_env.cache_clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("home")
def test_keys_of_old_statements_stay_published_when_a_new_one_signs(now: datetime) -> None:
    lively_books(now)
    (first,) = Client().get(WELL_KNOWN).json()["keys"]
    assert (first["is_current"], first["since"]) == (True, None)
    tasks.close_months(CLOSING)
    (signed,) = Client().get(WELL_KNOWN).json()["keys"]
    assert (signed["public_key"], signed["since"]) == (first["public_key"], "2026-04-01T04:00:00Z")

    renewed = CliRunner().invoke(main, ["statement", "key", "--renew"]).output.strip()
    assert renewed != first["public_key"]
    newest, oldest = Client().get(WELL_KNOWN).json()["keys"]
    assert (newest["public_key"], newest["is_current"]) == (renewed, True)
    assert (oldest["key_id"], oldest["is_current"]) == (chain.key_id(first["public_key"]), False)


def test_key_is_kept_for_its_owner_alone_and_said_by_the_command(home: Path) -> None:
    said = CliRunner().invoke(main, ["statement", "key"]).output.strip()
    kept = home / "statement_key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert said == chain.public_key(kept.read_text())
    assert CliRunner().invoke(main, ["statement", "key"]).output.strip() == said


@pytest.mark.usefixtures("home")
def test_key_that_the_environment_says_is_not_renewed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    key = chain.new_key()
    monkeypatch.setenv("WUYOU_STATEMENT_KEY", key)
    assert CliRunner().invoke(main, ["statement", "key"]).output.strip() == chain.public_key(key)
    refused = CliRunner().invoke(main, ["statement", "key", "--renew"])
    assert refused.exit_code != 0
    assert CliRunner().invoke(main, ["statement", "key"]).output.strip() == chain.public_key(key)


@pytest.mark.usefixtures("home", "world")
def test_commands_list_and_print_statements_that_verify(now: datetime, tmp_path: Path) -> None:
    lively_books(now)
    closed = CliRunner().invoke(main, ["statement", "close"])
    assert closed.output == "2 accounts had a month to close\n"
    listed = CliRunner().invoke(main, ["statement", "list", "shop:1"]).output.splitlines()
    assert listed[-1].startswith("2026-03-shop1-CNY")
    public = CliRunner().invoke(main, ["statement", "key"]).output.strip()
    for style in ([], ["--csv"]):
        printed = CliRunner().invoke(main, ["statement", "show", "2026-03-shop1-CNY", *style])
        file = tmp_path / "statement"
        file.write_bytes(printed.stdout_bytes)
        assert CliRunner().invoke(main, ["statement", "verify", str(file), "--key", public]).exit_code == 0
    missing = CliRunner().invoke(main, ["statement", "show", "2026-03-shop9-CNY"])
    assert (missing.exit_code, "no closed statement" in missing.output) == (1, True)
