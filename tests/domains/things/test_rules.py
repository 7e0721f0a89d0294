"""What a code of a book is worth."""

from __future__ import annotations

import pytest

from wuyou.domains.things.rules import code_of, isbn13


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("7-5063-6543-X", "9787506365437"),
        ("7-5063-6543-x", "9787506365437"),
        ("978-7-5063-6543-7", "9787506365437"),
        ("0-306-40615-2", "9780306406157"),
        ("9780306406158", None),
        ("0306406153", None),
        ("1234567890123", None),
        ("", None),
        ("９７８７５０６３６５４３７", None),
    ],
)
def test_isbn_is_read_with_its_check_digit(written: str, digits: str | None) -> None:
    assert isbn13(written) == digits


def test_same_name_written_otherwise_is_the_same_thing() -> None:
    assert code_of("活着  （精装）", "Yu Hua", None) == code_of("活着 (精装)", "yu hua", None)
    assert code_of("ab", "c", None) != code_of("a", "bc", None)
    assert code_of("活着", "余华", "9787506365437") == "isbn:9787506365437"
