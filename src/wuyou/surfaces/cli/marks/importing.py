"""From marks to people, things, copies and friendships: in bulk, piece by piece, each piece whole or not there.

Handles and codes say what is the same: a second import finds the first, and one that was interrupted is gone on with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np

from wuyou.domains.identity import operations as identity
from wuyou.domains.social import operations as social
from wuyou.domains.things import queries as holdings
from wuyou.domains.things.operations import ensure_coded, import_in_bulk
from wuyou.domains.things.types import BulkCopy, CodedThing, ThingKind
from wuyou.infra import db
from wuyou.kernel.sight import PUBLIC
from wuyou.surfaces.cli.marks.reading import Marks

SOURCE = "douban_book"
"""Begins the codes of its things and the keys of its copies."""
PEOPLE_AT_ONCE, COPIES_AT_ONCE = 2_000, 20_000

Progress = Callable[[int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Imported:
    """What is new, and who is who: people by their number in the marks."""

    people: dict[int, int]
    things: dict[int, int]
    copies_added: int
    friendships_added: int


def count_steps(marks: Marks) -> int:
    """How much `import_marks` will tell its `progress`."""
    return len(marks.all_books) + len(marks.everyone) + len(marks.people) + len(marks.friends)


def import_marks(marks: Marks, *, now: datetime, progress: Progress) -> Imported:
    """Take everything in. Entry point: each piece is a transaction of its own."""
    books = db.in_transaction(lambda: ensure_coded(things=things_of(marks), now=now))
    thing_ids = {book: books[code_of(book)] for book in marks.all_books}
    progress(len(thing_ids))
    people: dict[int, int] = {}
    for numbers in _pieces(marks.everyone, PEOPLE_AT_ONCE):
        people |= _register(numbers, now)
        progress(len(numbers))
    copies_added = 0
    for count, shelf in _shelves(marks, people, thing_ids):
        if shelf:
            copies_added += db.in_transaction(partial(import_in_bulk, holdings=shelf, rule=PUBLIC, now=now))
        progress(count)
    friendships_added = 0
    for pairs in _pieces(marks.friends.tolist(), social.MAX_PAIRS):
        known = [(people[one], people[other]) for one, other in pairs if one in people and other in people]
        friendships_added += db.in_transaction(partial(social.befriend_in_bulk, pairs=known, now=now))
        progress(len(pairs))
    db.execute("ANALYZE identity_user, things_thing, things_holding, things_provenance, social_friendship, event")
    return Imported(people, thing_ids, copies_added, friendships_added)


def handle_of(number: int) -> str:
    """How a person is called here: a number, because nothing else is known of them."""
    return f"reader_{number}"


def code_of(book: int) -> str:
    """What a book is known by; its copies too, beside their owner."""
    return f"{SOURCE}:{book}"


def things_of(marks: Marks) -> Iterator[CodedThing]:
    """The books, and above those of one author their family."""
    books_of = Counter(marks.author_of[book] for book in marks.all_books if book in marks.author_of)
    for author, count in books_of.items():
        if count > 1:
            yield CodedThing(
                f"{SOURCE}:author:{author}",
                ThingKind.FAMILY,
                f"作者 {author} 的书",
                f"Books by author {author}",
                f"author-{author}",
            )
    for book in marks.all_books:
        author = marks.author_of.get(book, -1)
        yield CodedThing(
            code_of(book),
            ThingKind.MODEL,
            f"书 {book}",
            f"Book {book}",
            f"author-{author}" if author >= 0 else "",
            f"{SOURCE}:author:{author}" if books_of[author] > 1 else "",
        )


def _pieces(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


def _register(numbers: list[int], now: datetime) -> dict[int, int]:
    names = {handle_of(number): f"读者 {number}" for number in numbers}
    ids = db.in_transaction(lambda: identity.register_nameless(names=names, now=now))
    return {number: ids[handle_of(number)] for number in numbers if handle_of(number) in ids}


def _shelves(marks: Marks, people: dict[int, int], things: dict[int, int]) -> Iterator[tuple[int, list[BulkCopy]]]:
    """Whole shelves, some tens of thousands of copies together, and how many marks they stand for.

    Of who has as many copies by earlier imports as there are marks, nothing is left to do.
    """
    there = holdings.count_imported(f"{SOURCE}:")
    owners, begins = np.unique(marks.people, return_index=True)
    ends = [*begins[1:].tolist(), len(marks.people)]
    count, shelf = 0, list[BulkCopy]()
    for owner, begin, end in zip(owners.tolist(), begins.tolist(), ends, strict=True):
        count += end - begin
        owner_id = people.get(owner)
        if owner_id is not None and there.get(owner_id, 0) < end - begin:
            shelf += [
                BulkCopy(owner_id, things[book], code_of(book), state, rating or None)
                for book, state, rating in zip(
                    marks.books[begin:end].tolist(),
                    marks.states[begin:end].tolist(),
                    marks.ratings[begin:end].tolist(),
                    strict=True,
                )
            ]
        if len(shelf) >= COPIES_AT_ONCE:
            yield count, shelf
            count, shelf = 0, []
    yield count, shelf
