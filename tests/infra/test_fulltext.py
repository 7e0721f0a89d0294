"""Full text in Chinese and letters: exactly where the words occur."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wuyou.infra import db, fulltext
from wuyou.kernel.text import fold

SIGNS = st.text(alphabet="露营地水壶山", min_size=1, max_size=12)


def finds(text: str, words: str) -> bool:
    asked = fulltext.query(words)
    found = db.row("SELECT %s::tsvector @@ %s::tsquery", [fulltext.vector((text, "C")), asked])
    assert found is not None
    return bool(found[0])


def test_vector_and_query_are_as_their_docstrings_say() -> None:
    assert fulltext.vector(("露营地 Nova", "A")) == "'nova':4A '营地':2A '露营':1A"
    assert fulltext.query("露营地 no") == "('露营'<->'营地')&'no':*"
    assert fulltext.query(" ,。! ") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("露营", True),
        ("营地灯", True),
        ("地营", False),
        ("露", True),
        ("灯", True),
        ("LED", True),
        ("led 露营", True),
        ("ＬＥＤ", True),
        ("lead", False),
        ("水壶", False),
        ("灯好", False),
        ("it's \\ & | ! :* <->", False),
    ],
)
def test_words_are_found_where_they_stand(words: str, is_found: bool) -> None:
    assert finds("一盏露营地灯,好用的LED灯", words) is is_found


@pytest.mark.django_db
@given(SIGNS, SIGNS.filter(lambda words: len(words) > 1))
def test_run_is_found_exactly_where_it_is_a_part(text: str, words: str) -> None:
    assert finds(text, words) is (words in text)


@pytest.mark.django_db
@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_can_be_written_and_any_words_looked_for(text: str, words: str) -> None:
    text, words = text.replace("\x00", ""), words.replace("\x00", "")
    db.row("SELECT %s::tsvector", [fulltext.vector((text, "A"), (words, "D"))])
    if fulltext.query(words) is not None:
        finds(text, words)


@pytest.mark.django_db
def test_long_text_keeps_being_found_by_pairs_where_places_end() -> None:
    text = "山水" * 10_000 + "露营"

    assert finds(text, "露营")
    assert finds(text, "山水")
    assert fold(" ＡbC ") == "abc"
