"""What the console's templates are given, and how domain facts become it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Shop
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.ledger.types import AccountRef, Journal
from wuyou.domains.payments import queries as payments
from wuyou.infra import event_log
from wuyou.infra.event_log import LetterState
from wuyou.kernel.money import Money
from wuyou.surfaces.staff import words
from wuyou.surfaces.ui import parts, pictures
from wuyou.surfaces.ui.names import name_of

# ---------------------------------------------------------------- pages


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a decision that cannot be taken back will do, before it is taken."""

    title: str
    text: str
    facts: tuple[parts.Fact, ...]
    label: str
    back_href: str
    back_label: str


# ---------------------------------------------------------------- journals


@dataclass(frozen=True, slots=True)
class Leg:
    """One transfer of a journal."""

    debit: parts.Link
    credit: parts.Link
    amount: Money
    what: str


@dataclass(frozen=True, slots=True)
class JournalCard:
    """A journal and its transfers."""

    key: str
    what: str
    posted_at: datetime
    source: parts.Link
    legs: tuple[Leg, ...]


def journal_cards(journals: Sequence[Journal]) -> tuple[JournalCard, ...]:
    """Journals with their accounts by name. Cost: see `account_names`."""
    names = account_names(ref for journal in journals for t in journal.transfers for ref in (t.debit, t.credit))
    return tuple(
        JournalCard(
            journal.key,
            words.journal(journal.kind),
            journal.posted_at,
            parts.Link(journal.source_ref, transfers_href(journal.source_ref)),
            tuple(
                Leg(
                    account_link(transfer.debit, names),
                    account_link(transfer.credit, names),
                    transfer.amount,
                    words.journal(transfer.kind),
                )
                for transfer in journal.transfers
            ),
        )
        for journal in journals
    )


def transfers_href(source_ref: str) -> str:
    """Where the journals of a source are listed."""
    return f"{reverse('staff:transfers')}?{urlencode({'q': source_ref})}"


def account_names(refs: Iterable[AccountRef]) -> dict[str, str]:
    """The names of accounts' owners: shops and publishers as people know them.

    Cost: a query for the shops, if any, and two for the publishers, if any.
    """
    ids: dict[str, set[int]] = {"shop": set(), "publisher": set()}
    for ref in refs:
        what, _colon, number = ref.owner.partition(":")
        if what in ids and number.isdecimal():
            ids[what].add(int(number))
    shops = catalog.shops_by_id(ids["shop"]) if ids["shop"] else {}
    publishers = alliance.publishers_by_id(ids["publisher"]) if ids["publisher"] else {}
    persons = identity.persons_by_id(p.user_id for p in publishers.values()) if publishers else {}
    names = {f"shop:{shop.id}": shop_name(shop) for shop in shops.values()}
    for publisher in publishers.values():
        if publisher.user_id in persons:
            names[f"publisher:{publisher.id}"] = name_of(persons[publisher.user_id])
    return names


def account_label(ref: AccountRef, names: dict[str, str]) -> str:
    """`In escrow · Peach Hill`; the kind alone where the platform owns it."""
    kind = str(words.ACCOUNT[ref.kind][0])
    return f"{kind} · {names.get(ref.owner, ref.owner)}" if ref.owner else kind


def account_link(ref: AccountRef, names: dict[str, str]) -> parts.Link:
    """An account by name, leading to its statement."""
    return parts.Link(account_label(ref, names), reverse("staff:statement", args=[ref.code]))


# ---------------------------------------------------------------- people, shops, goods


def known_facts(*facts: parts.Fact) -> tuple[parts.Fact, ...]:
    """The facts that there are: what has not happened takes no line."""
    return tuple(fact for fact in facts if fact.value is not None and fact.value != "")


def is_chinese() -> bool:
    """Whether the reader's language is Chinese; goods and shops have names in two languages."""
    return (get_language() or "").startswith("zh")


def shop_name(shop: Shop) -> str:
    """The shop's name in the reader's language."""
    return shop.name if is_chinese() else shop.name_en or shop.name


def in_language(chinese: str, english: str) -> str:
    """The text of the reader's language; the Chinese one where the other is missing."""
    return chinese if is_chinese() else english or chinese


def person_part(person: Person | None, note: str = "") -> parts.Person | str:
    """A person as tables show them."""
    if person is None:
        return ""
    return parts.Person(person.id, name_of(person), picture=pictures.shipped(person.avatar), note=note)


# ---------------------------------------------------------------- shell


def show(request: HttpRequest, template: str, current: str, status: int = 200, **context: object) -> HttpResponse:
    """Render a page of the console. Cost: two queries, for what waits beside the navigation; none for an editor."""
    shell = {
        "console_name": _("Staff"),
        "console_nav": _navigation() if request.user.is_staff else (_of_editors(),),
        "nav_current": current,
        "home_href": reverse("staff:overview" if request.user.is_staff else "staff:channels"),
    }
    return render(request, f"staff/{template}.html", shell | context, status=status)


def _navigation() -> tuple[parts.NavGroup, ...]:
    dead = event_log.count_letters()[LetterState.DEAD]
    failed = payments.count_failed_refunds()

    def item(key: str, label: str, icon: str, count: int = 0) -> parts.NavItem:
        return parts.NavItem(key, label, reverse(f"staff:{key}"), icon, count)

    return (
        parts.NavGroup("", (item("overview", _("Overview"), "layout-dashboard"),)),
        parts.NavGroup(
            _("Trade"),
            (
                item("teams", _("Teams"), "users-group"),
                item("orders", _("Orders"), "receipt"),
                item("refunds", _("Refunds"), "arrow-back-up", failed),
                item("claims", _("Refunds and returns"), "package"),
                item("complaints", _("Complaints"), "message-circle"),
            ),
        ),
        parts.NavGroup(
            _("Payments"),
            (
                item("mismatches", _("Mismatches"), "alert-triangle"),
                item("disputes", _("Disputes"), "scale"),
                item("discrepancies", _("Providers’ bills"), "receipt"),
                item("notices", _("Notices"), "bell"),
                item("bank-notices", _("Sandbox bank"), "send"),
            ),
        ),
        parts.NavGroup(
            _("Ledger"),
            (
                item("accounts", _("Accounts"), "wallet"),
                item("transfers", _("Transfers"), "arrows-sort"),
                item("books", _("Books"), "scale"),
                item("payouts", _("Payouts"), "coin"),
                item("debts", _("Holds and debts"), "lock"),
            ),
        ),
        _of_editors(),
        parts.NavGroup(
            _("Alliance"),
            (
                item("alliance", _("Commissions"), "coin"),
                item("keywords", _("Keywords"), "tag"),
                item("holds", _("Held commissions"), "lock"),
                item("packets", _("Red packets"), "gift"),
                item("reversals", _("Taken back"), "arrow-back-up"),
                item("awards", _("Awards"), "award"),
            ),
        ),
        parts.NavGroup(_("People"), (item("ties", _("Ties"), "users"),)),
        parts.NavGroup(
            _("Rules of the house"),
            (
                item("cases", _("Cases"), "flag"),
                item("appeals", _("Appeals"), "scale"),
                item("terms", _("Term rules"), "filter"),
                item("picture-rules", _("Picture rules"), "photo"),
            ),
        ),
        parts.NavGroup(
            _("Platform"),
            (
                item("letters", _("Dead letters"), "mail", dead),
                item("events", _("Events"), "history"),
                parts.NavItem("storefront", _("Storefront"), reverse("storefront:home"), "building-store"),
            ),
        ),
    )


def _of_editors() -> parts.NavGroup:
    """What editors have of the console."""
    named = (("channels", _("Channels"), "layout-grid"), ("channel-post", _("Where is a post?"), "search"))
    return parts.NavGroup(
        _("Channels"),
        tuple(parts.NavItem(key, label, reverse(f"staff:{key}"), icon) for key, label, icon in named),
    )
