"""The table of what is always true of money is held to the tests, proofs and breakages that it names."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import wuyou.domains
from tests.domains.alliance import test_proofs
from tests.domains.ledger import test_verify
from wuyou.config.schedule import SCHEDULE, prove_books
from wuyou.surfaces.proofs import PROOFS

ROOT = Path(__file__).resolve().parents[2]
BREAKAGES = test_verify.BREAKAGES | test_proofs.BREAKAGES


def rows() -> list[list[str]]:
    text = (ROOT / "docs/reference/invariants.md").read_text()
    found = [re.split(r"\s*\|\s*", line.strip("| ")) for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    return [[row[0], row[1], *row[2:]] for row in found]


def all_tests() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_thirteen_promises_each_with_a_test_a_proof_and_a_breakage() -> None:
    assert [row[0] for row in rows()] == [str(number) for number in range(1, 14)]
    assert all(len(row) == 5 and all(row) for row in rows())


def test_every_property_test_of_the_table_is_there() -> None:
    named = {name for row in rows() for name in re.findall(r"`(test_\w+)`", row[2])}
    assert len(named) > 10
    assert named - all_tests() == set()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_breakages_of_a_promise_fire_its_proofs(row: list[str]) -> None:
    """Which proofs a breakage fires is what the tests of the proofs run and compare."""
    proofs, breakages = set(row[3].split("; ")), row[4].split("; ")
    assert proofs <= test_verify.EVERY | test_proofs.EVERY
    fired = set().union(*(BREAKAGES[breakage][1] for breakage in breakages))
    assert proofs - fired == set()
    assert all(BREAKAGES[breakage][1] & proofs for breakage in breakages)


def test_every_domain_that_proves_something_is_proven() -> None:
    """Those of orders are proven with the vouchers that they use."""
    domains = [module.name for module in pkgutil.iter_modules(wuyou.domains.__path__)]
    queries = {domain: importlib.import_module(f"wuyou.domains.{domain}.queries") for domain in domains}
    assert {domain for domain in domains if hasattr(queries[domain], "verify")} == PROOFS.keys() | {"orders"}


def test_proofs_run_every_night() -> None:
    assert prove_books in [task for _, task in SCHEDULE]
