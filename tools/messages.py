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

from babel.messages.catalog import Catalog
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
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def main(arguments: list[str]) -> int:
    command, *files = arguments or ["check"]
    if command == "collect":
        _write(_merged(_collect(), _read(CATALOGUE)))
    elif command == "merge":
        catalogue = _read(CATALOGUE)
        for file in files:
            _take(catalogue, _read(Path(file)))
        _write(catalogue)
    elif command == "compile":
        with CATALOGUE.with_suffix(".mo").open("wb") as target:
            write_mo(target, _read(CATALOGUE))
    elif command == "check":
        return _check()
    else:
        print(__doc__)
        return 2
    return 0


def _check() -> int:
    kept = _read(CATALOGUE)
    faults = []
    for message in _collect():
        if not message.id:
            continue
        found = kept.get(message.id, message.context)
        texts = () if found is None else found.string if isinstance(found.string, tuple) else (found.string,)
        source = message.id if isinstance(message.id, str) else message.id[1]
        if found is None or found.fuzzy or not texts or not all(texts):
            faults.append(f"not translated: {source!r}")
        elif isinstance(message.id, str) and sorted(_PLACEHOLDER.findall(source)) != sorted(
            _PLACEHOLDER.findall(texts[0])
        ):
            faults.append(f"other placeholders: {source!r}")
    for fault in faults:
        print(fault)
    print(f"{len(kept)} texts in {CATALOGUE.relative_to(ROOT)}, {len(faults)} faults")
    return 1 if faults else 0


def _collect() -> Catalog:
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    catalogue = Catalog(locale="zh_Hans")
    for path in sorted(_sources()):
        text = path.read_text()
        # Line numbers would make every edit a change of the catalogue; the file is enough to find a text.
        origin = str(path.relative_to(ROOT))
        if path.suffix != ".py":
            text = templatize(text, origin=origin)
        options = {"encoding": "utf-8"}
        for _, message, _, context in extract("python", io.BytesIO(text.encode()), KEYWORDS, (), options):
            catalogue.add(message, locations=[(origin, None)], context=context)  # type: ignore[list-item]
    return catalogue


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


def _read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="zh_Hans")
    with path.open("rb") as source:
        return read_po(source, locale="zh_Hans", ignore_obsolete=True)


def _write(catalogue: Catalog) -> None:
    catalogue.project, catalogue.version = "wuyou", "1"
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, sort_output=True, omit_header=False)
    lines = buffer.getvalue().decode().splitlines()
    # The dates of the header would change with every run.
    stable = [
        line for line in lines if not line.startswith(('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By'))
    ]
    CATALOGUE.write_text("\n".join(stable).strip() + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
