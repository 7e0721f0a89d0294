"""A closed month as a file, in whichever form it is taken home."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wuyou.engines.statements import files
from wuyou.engines.statements.files import Document
from wuyou.surfaces.ui.statement_pdf import write_pdf

FORMATS: dict[str, tuple[Callable[[Document, Mapping[str, str]], bytes], str]] = {
    "json": (lambda document, owners: files.write_json(document), "application/json"),
    "csv": (lambda document, owners: files.write_csv(document), "text/csv; charset=utf-8"),
    "pdf": (write_pdf, "application/pdf"),
}
"""How each is written, given what the reader's accounts are called, and what it is. JSON and CSV prove themselves."""
