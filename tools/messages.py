"""Collect, merge, check and compile the translations, without the gettext programs.

`python tools/messages.py collect` reads sources and templates into the catalogue and keeps what is translated;
`merge FILE…` takes translations from fragments; `check` fails on a missing, fuzzy or broken one; `compile` writes .mo.
English is the source; zh_Hans must be complete.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "wuyou"
CATALOGUE = SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "_": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
HEADER = """\
# Wuyou in Simplified Chinese. The words follow GLOSSARY.md.
# This file is distributed under the license of the project."""
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
_UNSTABLE = ("POT-Creation-Date", "PO-Revision-Date", "Generated-By")
_UNSAID = ("Report-Msgid-Bugs-To", "Last-Translator", "Language-Team")


def main(arguments: list[str]) -> int:
    command, *files = arguments or ["check"]
    if command == "collect":
        _write(_merged(_collect(), read(CATALOGUE)))
    elif command == "merge":
        catalogue = read(CATALOGUE)
        for file in files:
            _take(catalogue, read(Path(file)))
        _write(catalogue)
    elif command == "compile":
        with CATALOGUE.with_suffix(".mo").open("wb") as target:
            write_mo(target, read(CATALOGUE))
    elif command == "check":
        return _check()
    else:
        print(__doc__)
        return 2
    return 0


def faults() -> list[str]:
    """What is missing, fuzzy or broken in the catalogue, one line each; none when it is complete."""
    kept = read(CATALOGUE)
    return [
        f"{fault}: {message.id!r}"
        for message in _collect()
        if message.id and (fault := fault_of(message, kept.get(message.id, message.context)))
    ]


def _check() -> int:
    found = faults()
    for fault in found:
        print(fault)
    print(f"{len(read(CATALOGUE))} texts in {CATALOGUE.relative_to(ROOT)}, {len(found)} faults")
    return 1 if found else 0


def fault_of(message: Message, found: Message | None) -> str:
    """What is wrong with the translation that was found for a collected text; empty when nothing is."""
    # The last form of the source is the plural; Chinese has one form, which must carry all that the plural carries.
    source = message.id if isinstance(message.id, str) else message.id[-1]
    if found is None or not found.string or found.fuzzy:
        return "not translated"
    texts = (found.string,) if isinstance(found.string, str) else found.string
    if not all(texts):
        return "not translated"
    if any(_placeholders(text) != _placeholders(source) for text in texts):
        return "other placeholders"
    return ""


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _collect() -> Catalog:
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    catalogue = Catalog(locale="zh_Hans")
    for path in sorted(_sources()):
        # Line numbers would make every edit a change of the catalogue; the file is enough to find a text.
        origin = str(path.relative_to(ROOT))
        for message, context in texts_in(path.read_text(), origin):
            catalogue.add(message, locations=[(origin, None)], context=context)  # type: ignore[list-item]
    return catalogue


def texts_in(source: str, origin: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Every text of a module or a template, with its context. Args: `origin` is the name of its file."""
    from django.utils.translation.template import templatize

    if not origin.endswith(".py"):
        # Calls come out as far from the margin as tags stood, which as Python need not be a block.
        source = "\n".join(line.strip() for line in templatize(source, origin=origin).splitlines())
    for _, message, _, context in extract("python", io.BytesIO(source.encode()), KEYWORDS, (), {"encoding": "utf-8"}):
        yield message, context


def _sources() -> Iterator[Path]:
    yield from (path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
    yield from SOURCE.rglob("templates/**/*.html")
    yield from SOURCE.rglob("templates/**/*.txt")


def _merged(collected: Catalog, kept: Catalog) -> Catalog:
    _take(collected, kept)
    return collected


def _take(catalogue: Catalog, translations: Catalog) -> None:
    for message in catalogue:
        found = translations.get(message.id, message.context) if message.id else None
        if found is not None and found.string and not found.fuzzy:
            message.string = found.string


def read(path: Path) -> Catalog:
    """A catalogue from its file; an empty one when there is none."""
    if not path.exists():
        return Catalog(locale="zh_Hans")
    with path.open("rb") as source:
        return read_po(source, locale="zh_Hans", ignore_obsolete=True)


def _write(catalogue: Catalog) -> None:
    catalogue.project, catalogue.version, catalogue.header_comment, catalogue.fuzzy = "wuyou", "1", HEADER, False
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, sort_output=True, omit_header=False)
    # Dates would change with every run, and of the rest git knows better.
    left_out = tuple(f'"{name}:' for name in (*_UNSTABLE, *_UNSAID))
    lines = [line for line in buffer.getvalue().decode().splitlines() if not line.startswith(left_out)]
    CATALOGUE.write_text("\n".join(lines).strip() + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
