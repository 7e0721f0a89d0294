"""Reading answers as staff and their spreadsheets do."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from io import StringIO

from django.http.response import HttpResponseBase


def rows_of(answer: HttpResponseBase) -> list[dict[str, str]]:
    """The rows of a CSV answer, by the names of its columns."""
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]  (a streaming answer iterates bytes)
    return list(csv.DictReader(StringIO(text)))


def words_of(answer: HttpResponseBase) -> str:
    """What a person reads of a page's content, in one line."""
    reader = _Words()
    reader.feed(answer.content.decode())  # type: ignore[attr-defined]  (a page is not streamed)
    return " ".join(" ".join(reader.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.is_in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_in_main |= tag == "main"

    def handle_endtag(self, tag: str) -> None:
        self.is_in_main &= tag != "main"

    def handle_data(self, data: str) -> None:
        if self.is_in_main:
            self.words.append(data)
