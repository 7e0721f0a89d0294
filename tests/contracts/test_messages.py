"""Chinese is complete: the catalogue holds every text, and pages that are drawn in Chinese hold no English one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Message
from tools import messages

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.catalog.types import Product
from wuyou.domains.groupbuy.types import Team
from wuyou.domains.identity.types import Person
from wuyou.kernel.clock import utc_now

REFUSED = ("虚拟成团", "放行", "团购价", "沙盒", "账户", "支付机构", "订阅方")
"""Words that the glossary says otherwise."""

_HAN = "\u4e00-\u9fff"
_HALF_WIDTH = re.compile(rf"[{_HAN}][,;:!?()]|[,;:!?()][{_HAN}]|[{_HAN}]\.$|[{_HAN}] [{_HAN}]|\.\.\.")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
_SPELT_ALIKE = {"%(paid)d / %(size)d", "%(taken)d / %(size)d", "%(who)s：%(said)s"}
_ENGLISH = re.compile(r"[A-Za-z][A-Za-z’']*(?:[,.;:]* [A-Za-z’']+)+")
_ADDRESS = re.compile(r"https?://\S+")
_SPOKEN = ("aria-label", "alt", "placeholder", "title", "data-ended", "data-days", "content")


def chinese() -> list[tuple[str, str]]:
    """Every source text, in its last form, with its Chinese."""
    found = []
    for message in messages.read(messages.CATALOGUE):
        if message.id:
            source = message.id if isinstance(message.id, str) else message.id[-1]
            texts = [message.string] if isinstance(message.string, str) else message.string or ()
            found += [(source, text) for text in texts]
    return found


def test_every_text_has_its_chinese_with_the_same_placeholders() -> None:
    assert messages.faults() == []


def test_texts_of_a_template_are_found_however_it_is_indented() -> None:
    template = """{% load i18n %}
    {% translate "One" %}
      {% translate "Two" context "a number" %}
  <p>{% blocktranslate trimmed %}Three
    and four{% endblocktranslate %}</p>
{% translate "Five" %}
"""
    found = list(messages.texts_in(template, "page.html"))
    assert found == [("One", None), ("Two", "a number"), ("Three and four", None), ("Five", None)]


@pytest.mark.parametrize(
    ("source", "text", "fault"),
    [
        ("Pay %(amount)s", "支付 %(amount)s", ""),
        ("Pay %(amount)s", "支付 %(sum)s", "other placeholders"),
        ("Pay %(amount)s", "支付", "other placeholders"),
        ("{days} d {clock}", "{days}天", "other placeholders"),
        ("Pay", "", "not translated"),
        (("%(n)s sale", "%(n)s sales"), ("%(n)s 笔成交",), ""),
        (("One sale", "%(n)s sales"), ("成交",), "other placeholders"),
        (("%(n)s sale", "%(n)s sales"), ("",), "not translated"),
    ],
)
def test_a_fault_is_found(source: str | tuple[str, str], text: str | tuple[str, ...], fault: str) -> None:
    assert messages.fault_of(Message(source), Message(source, text)) == fault


def test_a_text_that_nobody_translated_or_that_is_a_guess_is_a_fault() -> None:
    assert messages.fault_of(Message("Pay"), None) == "not translated"
    assert messages.fault_of(Message("Pay"), Message("Pay", "付款", flags=["fuzzy"])) == "not translated"


def test_the_catalogue_says_nothing_that_is_not_so() -> None:
    text = messages.CATALOGUE.read_text()
    head = text.split("#:", 1)[0]
    assert "fuzzy" not in text
    assert not re.search(r"AUTHOR|ORGANIZATION|EMAIL|YEAR|PROJECT", head)


def test_nothing_is_left_in_english() -> None:
    for source, text in chinese():
        bare = _PLACEHOLDER.sub("", text)
        assert re.search(rf"[{_HAN}]", bare) or text in _SPELT_ALIKE, source


def test_chinese_is_written_as_chinese_is() -> None:
    for _source, text in chinese():
        assert not _HALF_WIDTH.search(text), text


def test_chinese_keeps_to_the_words_of_the_glossary() -> None:
    for _source, text in chinese():
        assert not any(word in text for word in REFUSED), text


class _Words(HTMLParser):
    """All that a page says to eyes and ears."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_code = tag in {"script", "style"}
        if tag != "meta":
            self.said += [value for name, value in attrs if name in _SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False

    def handle_data(self, data: str) -> None:
        if not self._is_code and data.strip():
            self.said.append(data.strip())


def english_in(page: str) -> list[str]:
    """Runs of two or more English words that a page says, addresses aside."""
    words = _Words()
    words.feed(page)
    words.close()
    return [run for said in words.said for run in _ENGLISH.findall(_ADDRESS.sub("", said))]


def test_english_is_recognised() -> None:
    page = '<h1>物友 Wuyou</h1><script>let it be</script><img alt="QR code"><p>看 http://a.b/c d</p><p>Sign in</p>'
    assert english_in(page) == ["QR code", "Sign in"]


@dataclass(frozen=True)
class Town:
    """A shop, a leader whose team lacks one, and somebody who has a place in it and has not paid."""

    owner: Person
    leader: Person
    joiner: Person
    product: Product
    team: Team
    paid_no: str
    unpaid_no: str


@pytest.fixture
def town(world: None, plain_static_files: None) -> Town:
    now = utc_now()
    owner, leader, joiner = (make_person(now, name) for name in ("老周", "阿梅", "小林"))
    shop = goods.make_shop(now, owner_id=owner.id)
    goods.make_plan(now, shop)
    product = goods.make_product(now, shop=shop)
    campaign = goods.make_campaign(now, product, size=3, new_buyers_only=True)
    team = teams.open_and_pay(now, leader, campaign, product)
    unpaid = teams.join_team(now, joiner, team.token, product)
    bought = teams.buy_alone(now, leader, product)
    teams.pay(now, leader, bought.order_no)
    teams.settle_down(now)
    return Town(owner, leader, joiner, product, team, bought.order_no, unpaid.order_no)


def drawn(person: Person | None, *paths: str) -> list[tuple[str, str]]:
    """Pages in Chinese, as this person or a stranger sees them."""
    client = browser(person, "zh-hans")
    pages = []
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        pages.append((path, answer.content.decode()))
    return pages


SELLER_PAGES = ("", "/orders", "/orders?state=all", "/orders/import", "/teams", "/complaints", "/claims", "/products",
                "/products/new", "/products/import", "/campaigns", "/promotion", "/activities",
                "/money/merchant_escrow/CNY")  # fmt: skip
STUDIO_PAGES = ("", "library", "places", "collaborations", "activities")


def test_the_storefront_speaks_chinese(town: Town) -> None:
    product, team = f"/p/{town.product.id}", f"/t/{town.team.token}"
    buying = f"variant={town.product.variants[0].id}&quantity=1"
    pages = [
        *drawn(None, "/", "/?q=nothing", product, team, "/me", "/sign-in", "/sign-up"),
        *drawn(town.leader, "/", product, team, "/orders", f"/orders/{town.paid_no}", "/earnings", "/earnings/links"),
        *drawn(town.leader, f"/checkout?way=team&{buying}", f"/checkout?way=alone&{buying}", "/cart", "/me"),
        *drawn(town.joiner, team, f"/pay/{town.unpaid_no}", f"/orders/{town.unpaid_no}", "/earnings"),
        *drawn(town.owner, *(f"/seller/{town.product.shop_id}{page}" for page in SELLER_PAGES)),
        *drawn(town.leader, *(f"/studio/{page}" for page in STUDIO_PAGES)),
    ]
    assert [(path, found) for path, page in pages if (found := english_in(page))] == []


def test_the_console_speaks_chinese(town: Town) -> None:
    staff = make_person(utc_now(), "值班", is_staff=True)
    lists = ("", "teams", "orders", "refunds", "mismatches", "notices", "accounts", "transfers", "books")
    pages = drawn(
        staff,
        *(f"/staff/{name}" for name in (*lists, "dead-letters", "events")),
        f"/staff/teams/{town.team.token}",
        f"/staff/teams/{town.team.token}/waive",
        f"/staff/teams/{town.team.token}/dissolve",
        f"/staff/orders/{town.paid_no}",
        "/staff/accounts/buyers_held/CNY",
    )
    assert [(path, found) for path, page in pages if (found := english_in(page))] == []
