"""What is written in many ways is read in one, and each character knows where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wuyou.engines.terms import Gap, fold

WRITTEN = st.text(
    st.one_of(
        st.sampled_from("abcABC加微信賭博赌博ＡＢｃаАеОρκ①㊙é\u0301\u0336\u200b\u200d\ufe0f·。 \n-*!、+➕👍한가ガｶﾞğß"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＷｅＣｈａｔ", "wechat"),
        ("加 微·信", "加微信"),
        ("請加Ｖ信", "请加v信"),
        ("乾淨 後面", "干净后面"),
        ("раураӏ", "paypai"),  # Cyrillic throughout; the palochka is read as an i
        ("ΚΑΖΙΝΟ", "kazino"),  # Greek capitals
        ("c\u0336a\u0336f\u0301e", "cafe"),
        ("Ｃａｆé", "cafe"),
        ("wei\u200bxin\u2060", "weixin"),
        ("㊙①𝟚٣", "秘123"),
        ("➕Ｖ", "加v"),
        ("Straße", "strasse"),
        ("ガｶﾞ", "ガガ"),
        ("한국", "한국"),
        ("👍!?", ""),
    ],
)
def test_what_is_read(written: str, read: str) -> None:
    assert fold(written).text == read


def test_gaps_tell_what_was_in_between() -> None:
    folded = fold("a b。c\u200bd-e")

    assert folded.text == "abcde"
    assert folded.gaps == (Gap.HEAVY, Gap.LIGHT, Gap.HEAVY, Gap.NONE, Gap.LIGHT, Gap.HEAVY)


@given(WRITTEN)
def test_each_character_was_made_of_its_part_of_the_original(text: str) -> None:
    folded = fold(text)

    assert len(folded.text) == len(folded.starts) == len(folded.ends) == len(folded.gaps) - 1
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)
    assert all(
        folded.text[at] in fold(text[folded.starts[at] : folded.ends[at]]).text for at in range(len(folded.text))
    )


@given(WRITTEN)
def test_what_is_read_reads_the_same_again(text: str) -> None:
    once = fold(text).text

    assert fold(once).text == once


@given(WRITTEN, WRITTEN)
def test_what_is_put_between_two_texts_changes_neither(one: str, other: str) -> None:
    assert fold(f"{one}\n{other}").text == fold(one).text + fold(other.lstrip("\u0301\u0336")).text or other[:1] in (
        "\u0301",
        "\u0336",
        "\ufe0f",
        "ﾞ",
    )
