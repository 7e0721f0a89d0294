"""Terms are found however they are written, and nothing is found in what only contains them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wuyou.engines.terms import Folded, Gap, Match, Matcher, Term, fold


def found(matcher: Matcher, text: str) -> list[str]:
    return [text[match.start : match.end] for match in matcher.find(text)]


@pytest.mark.parametrize(
    ("term", "text", "parts"),
    [
        ("加微信", "請 加 微-信 聊", ["加 微-信"]),
        ("加微信", "加👍微👍信", ["加👍微👍信"]),
        ("加微信", "加，微，信", ["加，微，信"]),
        ("加微信", "请多加。微信上见", []),
        ("加微信", "加微 信", ["加微 信"]),
        ("ass", "class, as soon as, assets", []),
        ("ass", "a s s, A.S.S", ["a s s", "A.S.S"]),
        ("ass", "as s", []),
        ("A货", "USA货", []),
        ("A货", "买a货, Ａ 貨", ["a货", "Ａ 貨"]),
        ("加v", "加vx", []),
        ("加v", "加V123", ["加V"]),
        ("add me on whatsapp", "Add me on WhatsApp!", ["Add me on WhatsApp"]),
        ("add me on whatsapp", "addmeonwhatsapp", ["addmeonwhatsapp"]),
        ("add me on whatsapp", "ad dme on whatsapp", []),
        ("casino", "саsіno", ["саsіno"]),
        ("vx", "u, v, x", []),
        ("vx", "v x: abc", ["v x"]),
        ("도박", "도박을", ["도박"]),
    ],
)
def test_what_is_found(term: str, text: str, parts: list[str]) -> None:
    assert found(Matcher([Term(1, term)]), text) == parts


def test_an_exception_counts_for_its_own_term_alone() -> None:
    matcher = Matcher([Term(1, "刷单", ("反刷单", "拒绝刷单")), Term(2, "刷")])

    assert matcher.find("反 刷單") == (Match(2, 3, 2),)
    assert matcher.find("刷单") == (Match(0, 1, 2), Match(0, 2, 1))
    assert matcher.find("反刷单刷单") == (Match(1, 2, 2), Match(3, 4, 2), Match(3, 5, 1))


def test_terms_that_read_alike_are_all_found() -> None:
    assert Matcher([Term(1, "賭博"), Term(2, "赌 博")]).find("赌博") == (Match(0, 2, 1), Match(0, 2, 2))


def test_nothing_to_look_for_finds_nothing() -> None:
    assert Matcher([]).find("加微信") == ()


@pytest.mark.parametrize("term", [Term(1, "！？"), Term(1, ""), Term(1, "a", ("…",))])
def test_a_term_without_a_letter_is_refused(term: Term) -> None:
    with pytest.raises(ValueError, match="no letter"):
        Matcher([term])


# ------------------------------------------------------------------ every text against an oracle without an automaton

_LETTERS = st.sampled_from("abAB加微信賭а1")
_BETWEEN = st.sampled_from(["", "", "", " ", "-", "。", "\u200b"])
_WORDS = st.lists(st.tuples(_LETTERS, _BETWEEN), max_size=14).map(lambda pairs: "".join(a + b for a, b in pairs))
_TERMS = st.lists(st.tuples(_LETTERS, st.sampled_from(["", "", "", " "])), min_size=1, max_size=4).map(
    lambda pairs: "".join(a + b for a, b in pairs)
)


def oracle(terms: list[Term], text: str) -> set[tuple[int, int, int]]:
    """Each term at each place, by the rules as they are written down."""
    folded = fold(text)

    def places(needle: str) -> set[tuple[int, int]]:
        wanted = fold(needle)
        size = len(wanted.text)
        return {
            (at, at + size)
            for at in range(len(folded.text) - size + 1)
            if folded.text[at : at + size] == wanted.text
            and stands_alone(folded, at, at + size)
            and is_written_so(folded.gaps[at + 1 : at + size], wanted.gaps[1:size], folded.text[at : at + size])
        }

    hits = set()
    for term in terms:
        covers = [place for exception in term.exceptions for place in places(exception)]
        hits |= {
            (folded.starts[start], folded.ends[end - 1], term.key)
            for start, end in places(term.text)
            if not any(first <= start and end <= last for first, last in covers)
        }
    return hits


def stands_alone(folded: Folded, start: int, end: int) -> bool:
    for at in (start, end):
        if 0 < at < len(folded.text) and folded.gaps[at] is Gap.NONE:
            before, after = folded.text[at - 1], folded.text[at]
            if before.isascii() and after.isascii() and before.isalpha() == after.isalpha():
                return False
    return True


def is_written_so(gaps: tuple[Gap, ...], own: tuple[Gap, ...], letters: str) -> bool:
    strange = [at for at, (gap, mine) in enumerate(zip(gaps, own, strict=True)) if gap and not mine]
    if not strange:
        return True
    if all(gaps) and (len(letters) >= 3 or Gap.HEAVY not in gaps):
        return True
    return all(gaps[at] is Gap.LIGHT and not (letters[at] + letters[at + 1]).isascii() for at in strange)


@given(st.lists(st.tuples(_TERMS, st.lists(_LETTERS, max_size=2)), max_size=4), _WORDS)
def test_matcher_finds_what_the_oracle_finds(drafts: list[tuple[str, list[str]]], text: str) -> None:
    terms = [Term(key, term, tuple(before + term for before in others)) for key, (term, others) in enumerate(drafts)]

    assert {(each.start, each.end, each.key) for each in Matcher(terms).find(text)} == oracle(terms, text)


@given(_TERMS, _WORDS, _WORDS)
def test_a_term_between_borders_is_always_found(term: str, before: str, after: str) -> None:
    text = f"{before}\n{term}\n{after}"
    start = len(before) + 1

    places = {(each.start, each.end) for each in Matcher([Term(1, term)]).find(text)}

    assert (start, start + len(term.rstrip())) in places
