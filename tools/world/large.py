"""A larger world: real goods and what was said of them, who read what and whom they know, more real group buys.

What it writes is added to the world that ships (`wuyou demo load --world`). Names of people, prices in a team and times
are made up from a seed; pictures of the goods cannot be had, so the nearest of those that ship stand for them.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as every_pair
from pathlib import Path
from typing import Any

from tools.world.pictures import picture_of
from tools.world.records import DataError, Row, read_rows, spaced, write_slice
from tools.world.toml import tables

Entry = dict[str, Any]

_GOODS, _BOOKS = "cn_goods_litemall", "douban_book"
_FACES = (
    "baby", "bear", "boy", "cat", "chick", "cook", "cow", "dog", "farmer", "fox", "frog", "girl", "grandfather",
    "grandmother", "grower", "hamster", "hedgehog", "koala", "lion", "man", "monkey", "painter", "panda", "penguin",
    "pig", "rabbit", "tiger", "turtle", "unicorn", "whale", "woman", "youth",
)  # fmt: skip
_FIRST, _SECOND = "阿小大老南北东西云青白晚早春秋石", "禾川舟柚麦榆桐岚澄朗棠苇笙砚蓝果豆米糯橙"
_MOST_VARIANTS, _MOST_REVIEWS, _MOST_MARKS, _MOST_FRIENDS, _MOST_LIKES = 6, 12, 16, 4, 12
_READ_BY = 2
"""A book is taken in when so many of those who are taken in have read it."""

README = """# A larger demo world, made by `python -m tools.world large`

Load it into an empty database: `wuyou demo load --world` and this folder.

**Not to be published.** Texts of goods, reviews and guides come from `cn_goods_litemall`, whose goods are those of
NetEase Yanxuan: for demonstration and tests alone. Who read what and who knows whom comes from a research crawl of
Douban (`douban_book`), for research and evaluation alone. The group buys are Beibei's (MIT, (c) 2020 Jun Zhang).
Names of people, prices in a team, times and pictures are made up; texts are in Chinese in both languages.
"""


@dataclass(frozen=True)
class Sizes:
    """How much of the data is taken."""

    people: int = 150
    groupbuys: int = 1_000


def write_large(data: Path, to: Path, sizes: Sizes) -> dict[str, int]:
    """Write the folder; returns how many of what is in it. Raises `DataError`, and then nothing is written."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise DataError(f"{to} is there already, and not empty.")
    goods, comments, topics = _read_goods(data / _GOODS)
    readers, marks, friends, author_of = _read_books(data / _BOOKS, sizes.people)
    small, large = sizes.groupbuys * 9 // 10, sizes.groupbuys // 10
    people = _people(readers)
    handles = [person["handle"] for person in people]
    shops = _shops(goods)
    keepers = [
        {"handle": shop["owner"], "name": shop["keeper"], "avatar": _draw_of(_FACES, shop["owner"])} for shop in shops
    ]
    copies, families = _copies(marks, readers, author_of)
    keys = {row["id"]: f"goods-{row['id']}" for row in goods}
    reviews = _reviews(comments, keys, handles)
    posts = _posts(topics, goods, keys, handles)
    for folder in (to / "world", to / "homes"):
        folder.mkdir(parents=True)
    _write(to / "world" / "people.toml", person=[*people, *keepers])
    for number, shop in enumerate(shops, 1):
        head = "".join(f"{key} = {json.dumps(shop[key], ensure_ascii=False)}\n" for key in ("owner", "name", "name_en"))
        text = head + tables("product", shop["products"])
        (to / "world" / f"{20 + number}-large.toml").write_text(text, encoding="utf-8")
    _write(to / "homes" / "things.toml", family=families)
    _write(to / "homes" / "people.toml", home=[_home(handle) for handle in handles])
    _write(to / "homes" / "copies.toml", copy=copies)
    _write(to / "homes" / "relations.toml", friends=_friends(friends, readers))
    _write(to / "homes" / "words.toml", review=reviews)
    _write(to / "homes" / "posts.toml", post=posts)
    (to / "README.md").write_text(README, encoding="utf-8")
    return {
        "people": len(people) + len(keepers),
        "shops": len(shops),
        "goods": sum(len(shop["products"]) for shop in shops),
        "reviews": len(reviews),
        "posts": len(posts),
        "books": sum(len(family["models"]) for family in families),
        "copies": len(copies),
        "group buys": write_slice(data, to / "groupbuys.parquet", small, large),
    }


# ---------------------------------------------------------------------- goods


def _read_goods(folder: Path) -> tuple[list[Row], list[Row], list[Row]]:
    """Goods with their category, brand and variants; comments and topics."""
    goods = read_rows(
        folder, "goods.parquet", ["id", "name", "category_id", "brand_id", "brief", "retail_price", "unit"]
    )
    categories = {row["id"]: row for row in read_rows(folder, "category.parquet", ["id", "name", "pid"])}
    brands = {row["id"]: row["name"] for row in read_rows(folder, "brand.parquet", ["id", "name"])}
    variants: dict[int, list[Row]] = defaultdict(list)
    for row in read_rows(folder, "goods_product.parquet", ["goods_id", "specifications", "price", "number"]):
        variants[row["goods_id"]].append(row)
    for row in goods:
        near = categories.get(row["category_id"], {"name": "好物", "pid": 0})
        row["category"], row["brand"] = near["name"], brands.get(row["brand_id"], "")
        row["shop"] = categories.get(near["pid"], near)["name"]
        row["variants"] = variants[row["id"]]
    comments = read_rows(folder, "comment.parquet", ["value_id", "type", "content"])
    topics = read_rows(folder, "topic.parquet", ["id", "title", "subtitle", "goods"])
    return [row for row in goods if float(row["retail_price"]) > 0], comments, topics


def _shops(goods: Sequence[Row]) -> list[Entry]:
    """A shop for each kind of goods, each kept by somebody who is made up."""
    by_kind: dict[str, list[Row]] = defaultdict(list)
    for row in goods:
        by_kind[row["shop"]].append(row)
    return [
        {
            "owner": f"keeper{number}",
            "keeper": f"{kind}掌柜",
            "name": f"{kind}小铺",
            "name_en": f"{kind}小铺",
            "products": [_product(row) for row in rows],
        }
        for number, (kind, rows) in enumerate(sorted(by_kind.items()), 1)
    ]


def _product(row: Row) -> Entry:
    title = _line(row["name"], 60)
    brief = _line("，".join(part for part in (row["brand"], row["brief"]) if part) or row["category"], 120)
    size = (2, 2, 2, 3, 3, 4)[_draw(f"{row['id']} size", 6)]
    return {
        "key": f"goods-{row['id']}",
        "picture": picture_of(row["name"], row["category"], row["shop"]),
        "title": title,
        "title_en": title,
        "brief": brief,
        "brief_en": brief,
        "stock": 200,
        "variants": _variants(row),
        "team": {"size": size, "hours": (12, 24)[_draw(f"{row['id']} hours", 2)], "per_order": 3},
    }


def _variants(row: Row) -> list[Entry]:
    named: dict[str, int] = {}
    for variant in row["variants"][:_MOST_VARIANTS]:
        name = _line(" ".join(json.loads(variant["specifications"])), 40)
        named.setdefault(name, _fen(variant["price"]))
    named = {name: price for name, price in named.items() if name and price > 0} or {
        _line(f"一{row['unit'] or '件'}", 40): _fen(row["retail_price"])
    }
    return [
        {"name": name, "name_en": name, "alone": price, "team": _team_price(price, row["id"])}
        for name, price in named.items()
    ]


def _team_price(price: int, number: int) -> int:
    """78 to 92 % of the price alone, in whole ten fen where there are so many."""
    whole = price * (78 + _draw(f"{number} team", 15)) // 100
    return whole // 10 * 10 if whole >= 100 else max(1, whole)


def _reviews(comments: Sequence[Row], keys: Mapping[int, str], handles: Sequence[str]) -> list[Entry]:
    """What was said of goods; its stars are not, because nearly all say the same. Each by somebody else."""
    said: dict[int, list[str]] = defaultdict(list)
    for row in comments:
        text = _lines(row["content"], 800)
        if row["type"] == 0 and row["value_id"] in keys and text and text not in said[row["value_id"]]:
            said[row["value_id"]].append(text)
    found: list[Entry] = []
    for number, texts in sorted(said.items()):
        first = _draw(f"{number} first", len(handles))
        for place, text in enumerate(spaced(texts, min(_MOST_REVIEWS, len(handles)))):
            found.append({
                "person": handles[(first + place) % len(handles)],
                "thing": keys[number],
                "text": text,
                "days_ago": 1 + _draw(f"{number} {place} said", 3_000) / 100,
            })  # fmt: skip
    return found


def _posts(topics: Sequence[Row], goods: Sequence[Row], keys: Mapping[int, str], handles: Sequence[str]) -> list[Entry]:
    """Guides, with what they name of the goods; where they name nothing, goods whose names share most with theirs."""
    by_id = {row["id"]: row for row in goods}
    found = []
    for row in topics:
        named = [number for number in json.loads(row["goods"] or "[]") if int(number) in by_id]
        shown = [by_id[int(number)] for number in named] or _near(row["title"] + row["subtitle"], goods)
        pictures = [picture_of(each["name"], each["category"], each["shop"]) for each in shown[:3]]
        likes = [handles[_draw(f"{row['id']} like {place}", len(handles))] for place in range(_MOST_LIKES)]
        person = handles[_draw(f"{row['id']} by", len(handles))]
        found.append({
            "person": person,
            "kind": "ARTICLE",
            "title": _line(row["title"], 60),
            "text": f"{_lines(row['subtitle'], 2_000)}\n\n![](1)",
            "photos": [list(dict.fromkeys(pictures))],
            "tags": [[keys[shown[0]["id"]], 0, 5000, 5600]],
            "days_ago": 0.5 + _draw(f"{row['id']} posted", 2_500) / 100,
            "likes": sorted(set(likes) - {person}),
        })  # fmt: skip
    return found


def _near(text: str, goods: Sequence[Row]) -> list[Row]:
    pairs = {text[place : place + 2] for place in range(len(text) - 1)}
    shared = {row["id"]: sum(pair in row["name"] for pair in pairs) for row in goods}
    return sorted(goods, key=lambda row: (-shared[row["id"]], row["id"]))[:2]


# ---------------------------------------------------------------------- readers


def _read_books(
    folder: Path, count: int
) -> tuple[list[int], list[tuple[int, int, int]], list[tuple[int, int]], dict[int, int]]:
    """Readers who know each other, their marks (reader, book, rating or 0), friendships, and authors of books.

    The readers are grown from the one with most friends: each time who knows most of those that are in already.
    """
    rows = read_rows(folder, "interactions.parquet", ["user", "item", "rating"])
    ties = read_rows(folder, "social.parquet", ["src", "dst"])
    authors = {row["item"]: row["author_id"] for row in read_rows(folder, "book_author.parquet", ["item", "author_id"])}
    read = Counter(row["user"] for row in rows)
    known: dict[int, set[int]] = defaultdict(set)
    for row in ties:
        if row["src"] != row["dst"] and read[row["src"]] and read[row["dst"]]:
            known[row["src"]].add(row["dst"])
            known[row["dst"]].add(row["src"])
    if not known:
        raise DataError(f"{folder} has nobody who knows somebody.")
    readers = _grow(known, count)
    chosen = set(readers)
    marks = [(row["user"], row["item"], row["rating"] or 0) for row in rows if row["user"] in chosen]
    friends = [(one, other) for one in readers for other in sorted(known[one] & chosen) if one < other]
    return readers, marks, friends, authors


def _grow(known: Mapping[int, set[int]], count: int) -> list[int]:
    first = max(known, key=lambda person: (len(known[person]), -person))
    chosen, near = [first], Counter(known[first])
    while len(chosen) < count and near:
        person = max(near, key=lambda one: (near[one], -one))
        del near[person]
        chosen.append(person)
        near.update(known[person] - set(chosen))
    return chosen


def _people(readers: Sequence[int]) -> list[Entry]:
    """Handles are `reader` and a number; names are made up, each once."""
    names = ["".join(pair) for pair in every_pair(_FIRST, _SECOND)]
    rounds = range(1 + len(readers) // len(names))
    every = [name if not turn else f"{name}{turn + 1}" for turn in rounds for name in _shuffled(names)]
    return [
        {"handle": f"reader{number}", "name": name, "avatar": _draw_of(_FACES, f"face {number}")}
        for number, name in zip(readers, every, strict=False)
    ]


def _copies(
    marks: Iterable[tuple[int, int, int]], readers: Sequence[int], author_of: Mapping[int, int]
) -> tuple[list[Entry], list[Entry]]:
    """What the readers have read of what several of them have read, and the books, a family an author."""
    by_reader: dict[int, dict[int, int]] = defaultdict(dict)
    for reader, book, rating in marks:
        by_reader[reader][book] = rating
    read_by = Counter(book for books in by_reader.values() for book in books)
    copies: list[Entry] = []
    taken: set[int] = set()
    for reader in readers:
        shared = sorted(
            (book for book in by_reader[reader] if read_by[book] >= _READ_BY), key=lambda b: (-read_by[b], b)
        )
        for book in shared[:_MOST_MARKS]:
            taken.add(book)
            rating = by_reader[reader][book]
            copies.append(
                {"owner": f"reader{reader}", "thing": f"book-{book}", "state": "HAD", "open": ["everyone"]}
                | ({"rating": rating} if rating else {})
            )
    by_author: dict[int, list[int]] = defaultdict(list)
    for book in sorted(taken):
        by_author[author_of.get(book, -1)].append(book)
    return copies, [_family(author, books) for author, books in sorted(by_author.items())]


def _family(author: int, books: Sequence[int]) -> Entry:
    """Of the data nothing is known but numbers."""
    by, by_en = (f"作者 {author}", f"Author {author}") if author >= 0 else ("作者不详", "Unknown author")
    return {
        "key": f"author-{max(author, 0)}" if author >= 0 else "author-unknown",
        "name": f"{by}的书",
        "name_en": f"Books of {by_en}",
        "brand": by,
        "models": [{"key": f"book-{book}", "name": f"书 {book}", "name_en": f"Book {book}"} for book in books],
    }


def _friends(pairs: Sequence[tuple[int, int]], readers: Sequence[int]) -> list[Entry]:
    count: Counter[int] = Counter()
    found = []
    for one, other in pairs:
        if count[one] < _MOST_FRIENDS and count[other] < _MOST_FRIENDS:
            count.update((one, other))
            asked = 10 + _draw(f"{one} asks {other}", 2_400) / 100
            found.append({
                "asks": f"reader{one}", "agrees": f"reader{other}", "reason": "读过同样的书",
                "days_ago": asked, "agrees_after": 1 + _draw(f"{other} agrees {one}", 8),
            })  # fmt: skip
    return found


def _home(handle: str) -> Entry:
    return {"person": handle, "shelves": ["读过"], "tastes": [], "count": 0, "open": ["everyone"]}


# ---------------------------------------------------------------------- words and numbers


def _write(path: Path, **entries: Sequence[Mapping[str, Any]]) -> None:
    text = "".join(tables(name, rows) for name, rows in entries.items())
    path.write_text(text or "\n", encoding="utf-8")


def _line(text: str, most: int) -> str:
    return re.sub(r"\s+", " ", html.unescape(text or "")).strip()[:most].strip()


def _lines(text: str, most: int) -> str:
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in html.unescape(text or "").splitlines())
    return "\n".join(line for line in lines if line)[:most].strip()


def _fen(yuan: float) -> int:
    return round(float(yuan) * 100)


def _shuffled(names: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda name: _draw(name, 1 << 40))


def _draw_of(options: Sequence[str], label: str) -> str:
    return options[_draw(label, len(options))]


def _draw(label: str, below: int) -> int:
    """A number in [0, below) that the label decides: the same every time."""
    return int.from_bytes(hashlib.sha256(label.encode()).digest()[:8], "big") % below
