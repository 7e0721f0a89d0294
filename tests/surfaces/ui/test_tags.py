"""What the tags and filters write, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone, translation

from tests.conftest import NOW
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.templatetags import ui


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"), timezone.override("Asia/Shanghai"):
        yield


def yuan(minor: int) -> Money:
    return Money(minor, Currency.CNY)


def test_money_is_exact_and_knows_its_currency() -> None:
    assert ui.money(yuan(3990)) == "¥39.90"
    assert ui.money(yuan(123_456_789)) == "¥1,234,567.89"
    assert ui.money(yuan(-300)) == "-¥3.00"
    assert ui.money(yuan(5)) == "¥0.05"
    assert ui.money(Money(980, Currency.JPY)) == "¥980"
    assert ui.money(Money(1200, Currency.USD)) == "$12.00"
    assert ui.money(None) == ""


def test_money_short_leaves_out_only_a_zero_fraction() -> None:
    assert ui.money(yuan(3900), "short") == "¥39"
    assert ui.money(yuan(3990), "short") == "¥39.90"
    assert ui.money(yuan(123_400), "short") == "¥1,234"
    assert ui.money(Money(980, Currency.JPY), "short") == "¥980"


def test_money_rich_says_the_same_as_money() -> None:
    assert ui.money_rich(yuan(6880)) == (
        '<span class="money"><span class="money__symbol">¥</span>68<span class="money__fraction">.80</span></span>'
    )
    assert '<span class="money__symbol">¥</span>1,234<' in ui.money_rich(yuan(123_400))


def test_money_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert ui.money(yuan(3990)) == "¥39.90"
        assert ui.money(Money(1200, Currency.USD)) == "US$12.00"


def test_moment_is_local_and_machine_readable() -> None:
    at = NOW  # 04:00 UTC is noon in Shanghai
    assert ">Mar 1 12:00<" in ui.moment(at)
    assert 'datetime="2026-03-01T04:00:00+00:00"' in ui.moment(at)
    assert ">Mar 1, 2026 12:00<" in ui.moment(at, "long")
    assert ">12:00<" in ui.moment(at, "time")
    assert ">Mar 1, 2026<" in ui.moment(date(2026, 3, 1))
    assert ui.moment(None) == ""
    with translation.override("zh-hans"):
        assert ">3月1日 12:00<" in ui.moment(at)


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=2, hours=3, minutes=59), "2 d 3 h"),
        (timedelta(hours=3, minutes=12, seconds=59), "3 h 12 min"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(seconds=5), "1 min"),
        (timedelta(), "ended"),
        (timedelta(hours=-1), "ended"),
    ],
)
def test_countdown_says_the_two_largest_units(left: timedelta, text: str) -> None:
    assert ui.countdown_to(NOW + left, NOW) == text


def test_rate_reads_basis_points() -> None:
    assert ui.rate(1550) == "15.5%"
    assert ui.rate(300) == "3%"
    assert ui.rate(5) == "0.05%"


def test_field_class_is_the_same_every_time_and_stays_in_range() -> None:
    classes = {ui.field_class(key) for key in range(100)}
    assert len(classes) == ui.FIELD_COUNT
    assert ui.field_class("a-token") == ui.field_class("a-token") in classes


def test_unknown_names_of_icons_and_pictures_fail_loudly() -> None:
    with pytest.raises(ValueError, match="no icon 'unheard-of'"):
        ui.icon("unheard-of")
    with pytest.raises(ValueError, match="no picture 'unheard-of'"):
        ui.picture("unheard-of")


def test_picture_from_a_url_is_a_photograph_and_is_escaped() -> None:
    html = ui.picture('/media/1.webp?a="b"', "A <bear>", 64)
    assert 'class="picture picture--photo" src="/media/1.webp?a=&quot;b&quot;" alt="A &lt;bear&gt;"' in html
    assert 'width="64" height="64" loading="lazy"' in html


def test_cell_draws_each_value_in_its_way_and_escapes_text() -> None:
    assert ui.cell(yuan(8900)) == '<span class="money">¥89.00</span>'
    assert ui.cell(12480) == "12,480"
    assert ui.cell(value=True) == "Yes"
    assert ui.cell("") == ui.cell(None) == '<span class="absent">–</span>'
    assert ui.cell("<b>") == "&lt;b&gt;"
    assert ui.cell(parts.Link("<b>", "/x")) == '<a href="/x">&lt;b&gt;</a>'
    assert "chip--jade" in ui.cell(parts.Chip("Done", "jade"))


def test_paired_refuses_a_row_of_another_width() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ui.paired((parts.Column("a"), parts.Column("b")), ("only one",))
