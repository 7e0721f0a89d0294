"""Documents tell the truth: what the code has is mentioned where people look for it, and what is mentioned is there."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from django.apps import apps
from django.utils import translation

import wuyou.domains
from wuyou.infra import clock
from wuyou.surfaces.cli.main import main as command_line
from wuyou.surfaces.staff import words

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "wuyou"
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *SOURCE.rglob("*.md")])
DOMAINS = sorted(module.name for module in pkgutil.iter_modules(wuyou.domains.__path__))
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
MAX_IMAGE_BYTES = 300_000

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def names_missing_in(text: str, names: Iterator[str] | list[str]) -> list[str]:
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


# ---------------------------------------------------------------------- what the code has


def test_every_setting_is_told_to_operators() -> None:
    settings = sorted(set(re.findall(r"`((?:WUYOU_|DATABASE_)[A-Z_]+)`", (SOURCE / "config" / "env.py").read_text())))
    assert len(settings) >= 9
    assert names_missing_in(text_of("docs/guides/operating.md"), settings) == []


def test_every_target_of_make_is_told_to_contributors() -> None:
    targets = re.findall(r"^([a-z]+):.*##", text_of("Makefile"), re.MULTILINE)
    assert len(targets) >= 8
    assert [target for target in targets if f"`make {target}`" not in text_of("CONTRIBUTING.md")] == []


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_readme(readme: str) -> None:
    rows = [line for line in text_of(readme).splitlines() if line.startswith("| `wuyou")]
    found = list(commands(command_line))
    assert len(found) > 15
    missing = [
        path
        for path in found
        if not any(f"`wuyou {path[0]}" in row and re.search(rf"\b{path[-1]}\b", row) for row in rows)
    ]
    assert missing == []


@pytest.mark.parametrize("readme", READMES)
def test_every_bench_is_in_the_readme(readme: str) -> None:
    benches = [path.stem for path in (ROOT / "bench").glob("[a-z]*.py") if path.stem != "harness"]
    assert len(benches) >= 2
    assert [name for name in benches if f"make bench NAME={name}" not in text_of(readme)] == []


@pytest.mark.parametrize("readme", READMES)
def test_every_guide_and_reference_is_in_the_readme(readme: str) -> None:
    pages = [path.relative_to(ROOT) for kind in ("guides", "reference") for path in (ROOT / "docs" / kind).glob("*.*")]
    assert len(pages) > 8
    assert [str(page) for page in pages if f"]({page})" not in text_of(readme)] == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_has_its_page_and_its_place_in_the_architecture(domain: str) -> None:
    assert (ROOT / "docs" / "domains" / f"{domain}.md").exists()
    assert f"[{domain}](docs/domains/{domain}.md)" in text_of("ARCHITECTURE.md")
    assert f"[{domain}](docs/domains/{domain}.md)" in text_of("README.md")


def public_functions(domain: str, part: str) -> list[str]:
    """Names of the functions that `operations` or `tasks` of a domain define, in one file or in a package."""
    place = SOURCE / "domains" / domain
    files = [place / f"{part}.py"] if (place / f"{part}.py").exists() else sorted((place / part).glob("*.py"))
    return [
        node.name
        for file in files
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_operation_and_task_is_on_the_page_of_its_domain(domain: str) -> None:
    page = text_of(f"docs/domains/{domain}.md")
    operations = public_functions(domain, "operations")
    assert operations
    assert names_missing_in(page, [*operations, *public_functions(domain, "tasks")]) == []


@pytest.mark.parametrize("domain", [name for name in DOMAINS if (SOURCE / "domains" / name / "events.py").exists()])
def test_every_event_is_on_the_page_of_its_domain(domain: str) -> None:
    module = importlib.import_module(f"wuyou.domains.{domain}.events")
    names = [kind.name for kind in vars(module).values() if getattr(kind, "__module__", "") == module.__name__]
    assert names
    assert names_missing_in(text_of(f"docs/domains/{domain}.md"), names) == []


def test_every_noun_of_the_domains_is_in_the_glossary() -> None:
    nouns = {
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("wuyou.domains.") and not model.__name__.startswith("Sandbox")
    }
    assert len(nouns) > 25
    glossary = text_of("GLOSSARY.md")
    assert [noun for noun in sorted(nouns) if not re.search(rf"`(\w+\.)?{noun}`", glossary)] == []


def test_every_account_and_where_it_stands_is_in_the_architecture() -> None:
    from wuyou.domains.ledger.types import AccountKind

    assert names_missing_in(text_of("ARCHITECTURE.md"), [kind.name for kind in AccountKind]) == []
    assert names_missing_in(text_of("GLOSSARY.md"), [kind.name for kind in AccountKind]) == []


def test_documents_and_pages_say_the_same_in_chinese() -> None:
    glossary, architecture = text_of("GLOSSARY.md"), text_of("ARCHITECTURE.md")
    orders, groupbuy = text_of("docs/domains/orders.md"), text_of("docs/domains/groupbuy.md")
    with translation.override("zh-hans"):
        accounts = {kind: str(name) for kind, (name, _) in words.ACCOUNT.items()}
        states = {
            state: str(word)
            for table in (words.PAYMENT, words.FULFILMENT, words.TEAM, words.SEAT)
            for state, (word, _) in table.items()
        }
        commissions = [str(word) for word, _ in words.COMMISSION.values()]
    assert [name for name in accounts.values() if name not in glossary or name not in architecture] == []
    assert [word for word in commissions if word not in glossary] == []
    assert len(states) == 19
    assert [
        f"{state.name} {word}" for state, word in states.items() if f"{state.name} {word}" not in orders + groupbuy
    ] == []


def test_every_advisory_lock_is_registered() -> None:
    users = [path for path in SOURCE.rglob("*.py") if re.search(r"pg_(try_)?advisory_", path.read_text())]
    assert users
    registry = text_of("docs/reference/locks.md")
    modules = [".".join(path.relative_to(SOURCE).with_suffix("").parts[-2:]) for path in users]
    assert [module for module in modules if f"`{module}." not in registry] == []
    assert f"`{clock._LOCK}`" in registry


# ---------------------------------------------------------------------- what documents say


def test_every_record_is_listed_numbered_once_and_complete() -> None:
    index = text_of("docs/adr/README.md")
    assert len(RECORDS) >= 10
    assert [record.name for record in RECORDS if f"]({record.name})" not in index] == []
    numbers = [int(record.name[:4]) for record in RECORDS]  # a number may be taken by a record that is still written
    assert numbers == sorted(set(numbers))
    for record in RECORDS:
        text = record.read_text()
        assert text.startswith(f"# {record.name[:4]} ")
        assert names_missing_in(text, ["## Context", "## Decision", "## Consequences", "## Not chosen"]) == []


def anchors(path: Path) -> set[str]:
    """The anchors that a Markdown page offers, made as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target in _LINK.findall(_FENCED.sub("", document.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (document.parent / name).resolve() if name else document
        if not place.exists() or (anchor and anchor not in anchors(place)):
            broken.append(target)
    assert broken == []


def test_every_test_and_file_that_documents_name_exists() -> None:
    text = "\n".join(path.read_text() for path in DOCUMENTS)
    known = {
        name for path in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)\(", path.read_text())
    } | {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    named = set(re.findall(r"`(test_\w+)`", text))
    assert len(named) > 10
    assert sorted(named - known) == []
    files = set(re.findall(r"`((?:src|tests|tools|bench|docs|frontend)/[\w./-]+)`", text))
    assert len(files) > 20
    missing = [file for file in sorted(files) if not (ROOT / file).exists()]
    assert [file for file in missing if "reviews" not in file] == []  # the domain that the guide lays out


def test_both_readmes_show_the_same_commands_and_pages() -> None:
    english, chinese = (text_of(name) for name in READMES)

    def commands_in(text: str) -> set[str]:
        return set(re.findall(r"(?:make|wuyou) [a-z]+(?: NAME=\w+)?", text))

    assert commands_in(chinese) == commands_in(english)
    for name in READMES:
        (image,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text_of(name))
        assert 0 < (ROOT / image).stat().st_size < MAX_IMAGE_BYTES


def test_documents_speak_of_the_project_alone() -> None:
    # In brackets, so that this file does not name them itself.
    pattern = re.compile(r"/wor[k]/|/roo[t]/|/hom[e]/\w+/|registry[.]npmjs|files[.]pythonhosted|pypi[.]org/simple")
    assert [path.name for path in DOCUMENTS if pattern.search(path.read_text())] == []
