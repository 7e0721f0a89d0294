"""What import-linter cannot see: foreign keys by name, templates, errors without a sentence, moves without a column."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

import wuyou.domains
from wuyou.domains.groupbuy import rules as groupbuy_rules
from wuyou.domains.groupbuy.types import SeatState, TeamState
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.ui.errors import TEXTS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "wuyou"


def rungs() -> dict[str, int]:
    """Rung of each domain, 0 at the top, read from the contract so that there is one truth."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = (c for c in config["tool"]["importlinter"]["contracts"] if c["id"] == "domains")
    return {name.strip(): rung for rung, names in enumerate(contract["layers"]) for name in names.split("|")}


def domain_of(model: type[models.Model]) -> str | None:
    parts = model.__module__.split(".")
    return parts[2] if parts[:2] == ["wuyou", "domains"] else None


def foreign_keys() -> list[tuple[type[models.Model], models.ForeignObject]]:  # type: ignore[type-arg]
    return [
        (model, field)
        for model in apps.get_models()
        if domain_of(model)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignObject)
    ]


def test_every_domain_has_a_rung() -> None:
    packages = {module.name for module in pkgutil.iter_modules(wuyou.domains.__path__)}
    assert packages == set(rungs())


def test_foreign_keys_point_to_the_same_or_a_lower_rung_and_leave_no_trace_there() -> None:
    ladder = rungs()
    crossing = [
        (model, field)
        for model, field in foreign_keys()
        if domain_of(field.related_model) not in {domain_of(model), None}
    ]
    assert len(crossing) > 10
    wrong = [
        f"{model.__name__}.{field.name}"
        for model, field in crossing
        if ladder[domain_of(field.related_model)] <= ladder[domain_of(model)]  # type: ignore[index]
        or field.remote_field.related_name != "+"
    ]
    assert wrong == []


def test_ledger_knows_nobody() -> None:
    outward = [
        field
        for model, field in foreign_keys()
        if domain_of(model) == "ledger" and domain_of(field.related_model) != "ledger"
    ]
    assert outward == []


@pytest.mark.parametrize("surface", ["storefront", "staff", "ui"])
def test_templates_include_only_their_own_surface_and_ui(surface: str) -> None:
    folder = SOURCE / "surfaces" / surface / "templates"
    found = [
        (path.name, name)
        for path in folder.rglob("*.html")
        for name in re.findall(r'{%\s*(?:extends|include)\s+"([^"]+)"', path.read_text())
    ]
    assert found
    # A library asks for pages by names of its own (`account/…`): the surface that draws them keeps them.
    assert [(file, name) for file, name in found if not (name.startswith("ui/") or (folder / name).exists())] == []


def all_errors() -> list[type[DomainError]]:
    for module in pkgutil.walk_packages(wuyou.domains.__path__, "wuyou.domains."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    found: list[type[DomainError]] = []
    waiting = [DomainError]
    while waiting:
        children = waiting.pop().__subclasses__()
        found += children
        waiting += children
    return [error for error in found if error.__module__.startswith("wuyou.")]


def test_every_error_code_is_unique_and_has_a_sentence() -> None:
    codes = [error.code for error in all_errors() if "code" in vars(error)]
    assert len(codes) > 40
    assert sorted(set(codes)) == sorted(codes)
    assert [code for code in codes if code not in TEXTS] == []


def test_no_model_orders_itself_or_bears_a_signal() -> None:
    assert [model.__name__ for model in apps.get_models() if domain_of(model) and model._meta.ordering] == []
    users = [path for path in SOURCE.rglob("*.py") if re.search(r"post_save|pre_save|@receiver", path.read_text())]
    assert users == []


def test_tables_of_moves_name_every_state() -> None:
    assert set(groupbuy_rules.TEAM_MOVES) == set(TeamState)
    assert set(groupbuy_rules.SEAT_MOVES) == set(SeatState)


def test_files_stay_readable() -> None:
    """A Python file of ours has at most 600 lines: past that it becomes a package split by noun."""
    long = {
        str(path.relative_to(ROOT)): count
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts and (count := len(path.read_text().splitlines())) > 600
    }
    assert long == {}


def test_source_speaks_of_the_project_alone() -> None:
    """No path of a machine and no host of a registry stands in what is published."""
    pattern = re.compile(r"/work/|/root/|/home/\w+/|registry\.npmjs|files\.pythonhosted")
    checked = [
        path
        for folder in ("src", "tests", "bench", "docs", "tools", "frontend")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".html", ".ts", ".css", ".mjs", ".sh", ".toml", ".json"}
        and "node_modules" not in path.parts
        and path != Path(__file__)
    ]
    assert len(checked) > 100
    assert [str(path.relative_to(ROOT)) for path in checked if pattern.search(path.read_text())] == []
