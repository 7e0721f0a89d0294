"""Pure decisions of things: which moves a copy can make, what may be said of it, what a row of an import means."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from wuyou.domains.things import errors
from wuyou.domains.things.part_types import FigureValue, PartDraft
from wuyou.domains.things.types import WHOLE, BadRow, HoldingState, ImportRow, Region, RowFault, ThingKind, Words
from wuyou.kernel import text as texts

MAX_NAME, MAX_SHELF_NAME, MAX_LABEL, MAX_STORY, MAX_CODE = 200, 60, 30, 5_000, 60
MAX_FIELDS, MAX_FIELD_NAME, MAX_FIELD_TEXT = 20, 30, 200
MAX_EDIT, MAX_SHELVES, MAX_LABELS = 1_000, 100, 20
MAX_ROWS, MAX_BYTES = 100_000, 20_000_000
MAX_REVIEW, MAX_PICTURES, MAX_ANNOTATION = 5_000, 9, 2_000
MAX_PHOTOS = 12
MAX_PARTS, MAX_PART_NUMBER, MAX_PART_QUANTITY, MAX_DEPTH = 500, 20, 9_999, 6
MAX_DRAWINGS, MAX_MARKS, MAX_FIGURES = 40, 200, 1_000
MAX_QUANTITY, MAX_CONDITION, MAX_UNIT, MAX_SOURCE = 100, 200, 20, 300
MAX_DIGITS, MAX_DECIMALS = 20, 10

_BANDS, _BAND_BITS = 4, 16

_S = HoldingState
MOVES: Mapping[HoldingState, frozenset[HoldingState]] = MappingProxyType(
    {
        _S.WANT: frozenset({_S.OWN, _S.HAD}),
        _S.OWN: frozenset({_S.LENT, _S.GIVEN, _S.HAD}),
        _S.LENT: frozenset({_S.OWN, _S.GIVEN, _S.HAD}),
        _S.HAD: frozenset({_S.OWN, _S.WANT}),
        _S.GIVEN: frozenset({_S.OWN, _S.WANT}),
    }
)
"""Where a copy can go from where it stands."""

HELD = frozenset({_S.OWN, _S.LENT})
"""Who stands so holds the thing."""

SHARED = HELD | {_S.HAD}
"""Who stands so has common ground with whoever else does: a book that both have read, whoever owns it still. A wish is
none, and what was given away belongs to somebody else."""

PARENT_OF: Mapping[ThingKind, frozenset[ThingKind | None]] = MappingProxyType(
    {
        ThingKind.FAMILY: frozenset({None}),
        ThingKind.MODEL: frozenset({None, ThingKind.FAMILY}),
        ThingKind.VARIANT: frozenset({ThingKind.MODEL}),
    }
)
"""What stands above a thing of each kind."""

_COLUMNS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "title": frozenset({"title", "name", "标题", "书名", "片名", "名称", "条目", "书名/片名"}),
        "creator": frozenset({"creator", "author", "authors", "brand", "作者", "创作者", "品牌", "导演", "表演者"}),
        "isbn": frozenset({"isbn", "isbn13", "isbn-13"}),
        "state": frozenset({"status", "state", "shelf", "exclusive shelf", "状态", "标签状态"}),
        "since_on": frozenset({"date", "date read", "日期", "时间", "创建时间", "标记日期", "打分日期"}),
        "rating": frozenset({"rating", "my rating", "评分", "打分", "我的评分", "个人评分"}),
        "comment": frozenset({"comment", "review", "my review", "评论", "短评", "我的短评", "备注"}),
    }
)
_STATES: Mapping[str, HoldingState] = MappingProxyType(
    {
        **dict.fromkeys(("want", "wish", "to-read", "wishlist", "想要", "想读", "想看", "想听", "想玩"), _S.WANT),
        **dict.fromkeys(("own", "have", "doing", "currently-reading", "拥有", "在读", "在看", "在听", "在玩"), _S.OWN),
        **dict.fromkeys(("had", "done", "read", "watched", "曾有", "读过", "看过", "听过", "玩过"), _S.HAD),
        **dict.fromkeys(("lent", "借出"), _S.LENT),
        **dict.fromkeys(("given", "送出"), _S.GIVEN),
    }
)  # fmt: skip
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")


def may_move(state: HoldingState, to: HoldingState) -> bool:
    """Whether a copy that stands so can stand otherwise in one step."""
    return to in MOVES[state]


def clean_line(text: str, field: str, limit: int, *, may_be_empty: bool = False) -> str:
    """One line of text without its margins. Raises `TextMalformed`."""
    try:
        return texts.clean_line(text, limit, may_be_empty=may_be_empty)
    except ValueError as error:
        raise errors.TextMalformed(field=field) from error


def clean_story(text: str) -> str:
    """What an owner tells of a copy. Raises `TextMalformed`."""
    return clean_lines(text, "story", MAX_STORY, may_be_empty=True)


def clean_lines(text: str, field: str, limit: int, *, may_be_empty: bool = False) -> str:
    """Lines of text without their margins. Raises `TextMalformed`."""
    try:
        return texts.clean_lines(text, limit, may_be_empty=may_be_empty)
    except ValueError as error:
        raise errors.TextMalformed(field=field) from error


def check_target(*ids: int | None) -> None:
    """That words point at one, or at the thing as a whole. Raises `TargetMalformed`."""
    if sum(each is not None for each in ids) > 1:
        raise errors.TargetMalformed()


def check_part(draft: PartDraft) -> PartDraft:
    """A part as it may be written down. Raises `TextMalformed`, `PartsMalformed`."""
    if not 1 <= draft.quantity <= MAX_PART_QUANTITY:
        raise errors.PartsMalformed(deepest=MAX_DEPTH, most=MAX_PART_QUANTITY)
    return PartDraft(
        clean_line(draft.number, "number", MAX_PART_NUMBER),
        clean_line(draft.name, "name", MAX_NAME),
        clean_line(draft.name_en, "name_en", MAX_NAME, may_be_empty=True),
        draft.quantity,
        draft.parent_id,
    )


def check_parts(parents: Mapping[int, int | None]) -> None:
    """That parts, each with the one above it, make a tree which is not too deep. Raises `PartsMalformed`."""
    for part in parents:
        above, depth = parents[part], 1
        while above is not None:
            above, depth = parents.get(above), depth + 1
            if depth > MAX_DEPTH:  # a ring has no end, and so is too deep
                raise errors.PartsMalformed(deepest=MAX_DEPTH, most=MAX_PART_QUANTITY)


def in_order(number: str) -> tuple[tuple[int, int, str], ...]:
    """What part numbers are sorted by: 2 before 10, 3.2 before 3.10."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", number)
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece.casefold()) for piece in pieces)


def check_value(said: FigureValue) -> FigureValue:
    """What a figure may say. Raises `FigureMalformed`, `TextMalformed`.

    A value keeps its digits: `5.50` says more than `5.5`.
    """
    value = said.value
    if not value.is_finite() or not -MAX_DECIMALS <= int(value.as_tuple().exponent) <= MAX_DIGITS:
        raise errors.FigureMalformed()
    value = value.quantize(Decimal(1)) if int(value.as_tuple().exponent) > 0 else value
    if max(len(value.as_tuple().digits), value.adjusted() + 1) > MAX_DIGITS:
        raise errors.FigureMalformed()
    return FigureValue(
        value or abs(value),
        clean_line(said.unit, "unit", MAX_UNIT, may_be_empty=True),
        clean_line(said.source, "source", MAX_SOURCE),
        said.licence,
    )


def check_region(region: Region | None, picture_id: int | None) -> Region | None:
    """A region that lies in a picture. Raises `RegionMalformed`."""
    if region is None:
        return None
    fits = region.left + region.width <= WHOLE and region.top + region.height <= WHOLE
    if picture_id is None or min(region) < 0 or min(region.width, region.height) < 1 or not fits:
        raise errors.RegionMalformed()
    return region


def clean_fields(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Pairs of text in their order. Raises `FieldsMalformed`."""
    try:
        cleaned = {
            clean_line(name, "field", MAX_FIELD_NAME): clean_line(text, "field", MAX_FIELD_TEXT) for name, text in pairs
        }
    except errors.TextMalformed as error:
        raise errors.FieldsMalformed() from error
    if len(cleaned) != len(pairs) or len(cleaned) > MAX_FIELDS:
        raise errors.FieldsMalformed()
    return tuple(cleaned.items())


def check_rating(rating: int | None) -> int | None:
    """A rating that may be kept. Raises `RatingOutOfRange`."""
    if rating is not None and not 1 <= rating <= 5:
        raise errors.RatingOutOfRange()
    return rating


def clean_words(words: Words) -> Words:
    """What an owner says, fit to be kept. Raises `TextMalformed`, `FieldsMalformed`, `RatingOutOfRange`."""
    return Words(
        words.condition,
        words.since_on,
        clean_story(words.story),
        check_rating(words.rating),
        clean_fields(words.fields),
    )


def isbn13(text: str) -> str | None:
    """The thirteen digits of an ISBN of ten or thirteen, with or without hyphens; None when its check digit is wrong.

    Source: ISBN Users' Manual. `isbn13("7-5063-6543-X") == "9787506365437"`.
    """
    digits = text.replace("-", "").replace(" ", "").upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        weighed = sum((10 - at) * (10 if digit == "X" else int(digit)) for at, digit in enumerate(digits))
        if weighed % 11:
            return None
        digits = f"978{digits[:9]}"
        return digits + str(-_weigh13(digits) % 10)
    if re.fullmatch(r"97[89][0-9]{10}", digits) and _weigh13(digits) % 10 == 0:
        return digits
    return None


def code_of(title: str, creator: str, isbn: str | None) -> str:
    """What two rows, or two imports, know the same thing by."""
    if isbn:
        return f"isbn:{isbn}"
    named = "\n".join(" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in (title, creator))
    return f"name:{hashlib.sha256(named.encode()).hexdigest()[:32]}"


def read_import(content: bytes, today: date) -> tuple[tuple[ImportRow, ...], tuple[BadRow, ...]]:
    """The rows of a CSV file that can be taken in, and those that cannot. Raises `ImportMalformed` for the whole file.

    Args: today: dates after it are faults.
    """
    good: list[ImportRow] = []
    bad: list[BadRow] = []
    seen: set[str] = set()
    for line, cells in _cells(content):
        row = _row(line, cells, today)
        if isinstance(row, ImportRow) and row.code in seen:
            row = BadRow(line, row.title[:60], RowFault.TWICE)
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            seen.add(row.code)
            good.append(row)
    return tuple(good), tuple(bad)


def _cells(content: bytes) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Where each row begins and what stands in the columns that we know; None for a row that is wider than its head."""
    if len(content) > MAX_BYTES:
        raise errors.ImportMalformed()
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        head = [cell.strip().casefold() for cell in next(reader, [])]
        places = {
            column: next(place for place, cell in enumerate(head) if cell in names)
            for column, names in _COLUMNS.items()
            if not names.isdisjoint(head)
        }
        if "title" not in places:
            raise errors.ImportMalformed()
        begins = reader.line_num + 1
        count = 0
        for cells in reader:
            if any(cell.strip() for cell in cells):
                count += 1
                if count > MAX_ROWS:
                    raise errors.ImportMalformed()
                is_wide = len(cells) > len(head)
                found = {column: cells[place].strip() for column, place in places.items() if place < len(cells)}
                yield begins, None if is_wide else found
            begins = reader.line_num + 1
    except csv.Error as error:
        raise errors.ImportMalformed() from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise errors.ImportMalformed()


def _row(line: int, cells: Mapping[str, str] | None, today: date) -> ImportRow | BadRow:
    if cells is None:
        return BadRow(line, "", RowFault.SHAPE)
    shown = "".join(sign for sign in cells.get("title", "")[:60] if sign.isprintable())

    def bad(fault: RowFault) -> BadRow:
        return BadRow(line, shown, fault)

    try:
        title = clean_line(cells.get("title", ""), "title", MAX_NAME)
    except errors.TextMalformed:
        return bad(RowFault.TITLE)
    try:
        creator = clean_line(cells.get("creator", ""), "creator", MAX_NAME, may_be_empty=True)
    except errors.TextMalformed:
        return bad(RowFault.CREATOR)
    isbn = isbn13(cells.get("isbn", "")) if cells.get("isbn") else None
    if cells.get("isbn") and isbn is None:
        return bad(RowFault.ISBN)
    state = _STATES.get(cells.get("state", "").casefold() or "own")
    if state is None:
        return bad(RowFault.STATE)
    since_on = _date(cells.get("since_on", ""))
    if cells.get("since_on") and (since_on is None or since_on > today):
        return bad(RowFault.DATE)
    rating = cells.get("rating", "")
    if rating and rating not in {"1", "2", "3", "4", "5"}:
        return bad(RowFault.RATING)
    try:
        comment = clean_story(cells.get("comment", ""))
    except errors.TextMalformed:
        return bad(RowFault.COMMENT)
    stars = int(rating) if rating else None
    return ImportRow(line, code_of(title, creator, isbn), title, creator, state, since_on, stars, comment)


def _date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _weigh13(digits: str) -> int:
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))


def bands_of(phash: int) -> list[int]:
    """The four parts of a hash, each with its place above its bits: what an index keeps of it."""
    mask = (1 << _BAND_BITS) - 1
    return [place << _BAND_BITS | (phash >> place * _BAND_BITS & mask) for place in range(_BANDS)]


def probes_of(phash: int) -> list[int]:
    """What to ask the index for, so that nothing within `pictures.ALIKE` is missed.

    Eleven differences in four parts leave one part with at most two; so each part is asked for with all that differ in
    none, one or two of its bits: 4 × (1 + 16 + 120) = 548 numbers, one of which a random hash has by a chance of 0.8 %.
    Source: Norouzi, Punjani and Fleet, Fast Search in Hamming Space with Multi-Index Hashing, 2012.
    """
    flips = [0, *(1 << bit for bit in range(_BAND_BITS))]
    flips += [1 << one | 1 << two for one in range(_BAND_BITS) for two in range(one)]
    return [band ^ flip for band in bands_of(phash) for flip in flips]
