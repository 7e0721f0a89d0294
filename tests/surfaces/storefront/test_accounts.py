"""Signing in and up by contact, code and second factor, and the overview of one's account."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from structlog.testing import capture_logs

from tests.builders import faces
from tests.builders.people import PASSWORD, make_person
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.identity import operations
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.contacts import contact_of
from wuyou.domains.identity.types import Person, RealNameLevel
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AgeBand
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import ONLY_ME

EMAIL, PHONE = "mei@example.com", "+8613812345678"
NEW = {"handle": "lin", "display_name": "Lin", "password": "", "avatar": "fox"}
NUMBER = "11010519491231002X"


@pytest.fixture(autouse=True)
def by_mail(settings: Settings) -> None:
    """E-mail leaves by Django's outbox, texts to phones stand in the log."""
    settings.CODE_SENDERS = {"email": "smtp", "phone": "console"}


@pytest.fixture
def mei(db: None) -> Person:
    return make_person(utc_now(), "Mei", handle="mei", has_password=True, contact=EMAIL)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def own_number(person: Person) -> None:
    """Their number is confirmed."""
    contact = contact_of(PHONE)
    db.in_transaction(lambda: operations.confirm_contact(user_id=person.id, contact=contact, now=utc_now()))


def shown_code(logs: list[Any]) -> str:
    """The code in the last text to a phone."""
    *_, sent = (entry for entry in logs if entry["event"] == "message_not_sent_but_shown")
    assert sent["to"] == PHONE
    return re.findall(r"\d{6}", sent["body"])[0]  # type: ignore[no-any-return]


def code_in(mails: list[EmailMessage]) -> str:
    found = re.search(r"\d{6}", str(mails[-1].subject))
    assert found is not None
    return found[0]


@pytest.mark.parametrize("name", ["mei", " MEI@Example.com ", "138 1234 5678", "+86 138-1234-5678"])
def test_every_name_of_somebody_signs_them_in(mei: Person, name: str) -> None:
    make_person(utc_now(), handle="other", has_password=True)
    own_number(mei)
    client = browser()
    client.post("/sign-in", {"handle": name, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(mei.id)


def test_signing_up_by_mail_takes_nobody_in_before_the_code(db: None, mailoutbox: list[EmailMessage]) -> None:
    client, before = browser(), identity.count_people()
    assert (
        client.post("/sign-up", NEW | {"contact": "Lin@example.com", "next": "/me"})["Location"] == "/sign-up/confirm"
    )
    assert identity.count_people() == before
    answer = client.post("/sign-up/confirm", {"code": code_in(mailoutbox)})
    assert answer["Location"] == "/me"
    assert is_in(client)
    person = identity.find_person("lin")
    assert person is not None
    assert [own.contact.value for own in identity.contacts_of(person.id)] == ["lin@example.com"]


def test_signing_up_by_phone(db: None) -> None:
    client = browser()
    with capture_logs() as logs:
        client.post("/sign-up", NEW | {"contact": "138 1234 5678"})
    client.post("/sign-up/confirm", {"code": shown_code(logs)})
    assert is_in(client)


def test_signing_up_with_a_taken_contact_reads_the_same_and_takes_nobody_in(
    mei: Person, mailoutbox: list[EmailMessage]
) -> None:
    client, before = browser(), identity.count_people()
    assert client.post("/sign-up", NEW | {"contact": EMAIL})["Location"] == "/sign-up/confirm"
    assert client.post("/sign-up/confirm", {"code": ""}).status_code == 422
    assert client.post("/sign-up/confirm", {"code": "000000"}).status_code == 422
    assert identity.count_people() == before
    assert str(mailoutbox[-1].subject) == "You already have an account"


def test_a_code_signs_in_once(mei: Person, mailoutbox: list[EmailMessage]) -> None:
    client = browser()
    answer = client.post("/sign-in/code?next=/orders", {"contact": EMAIL})
    assert answer["Location"].startswith("/sign-in/code/confirm")
    code = code_in(mailoutbox)
    assert client.post(answer["Location"], {"code": "000000" if code != "000000" else "1"}).status_code == 200
    assert not is_in(client)
    assert client.post(answer["Location"], {"code": code})["Location"] == "/orders"
    assert is_in(client)


def test_asking_for_a_code_does_not_tell_who_has_an_account(mei: Person, mailoutbox: list[EmailMessage]) -> None:
    pages = []
    for contact in (EMAIL, "nobody@example.com"):
        client = browser()
        answer = client.post("/sign-in/code", {"contact": contact})
        page = client.get(answer["Location"]).content.decode().replace(contact, "…")
        pages.append((answer.status_code, answer["Location"], re.sub(r'value="[^"]{30,}"', "", page)))
    assert pages[0] == pages[1]
    assert len(mailoutbox) == 2


def test_after_five_wrong_codes_the_right_one_is_refused(mei: Person, mailoutbox: list[EmailMessage]) -> None:
    client = browser()
    client.post("/sign-in/code", {"contact": EMAIL})
    code = code_in(mailoutbox)
    for _ in range(5):
        client.post("/sign-in/code/confirm", {"code": "x"})
    client.post("/sign-in/code/confirm", {"code": code})
    assert not is_in(client)


def test_a_forgotten_password_is_replaced_and_other_sessions_end(mei: Person, mailoutbox: list[EmailMessage]) -> None:
    elsewhere = browser()
    elsewhere.post("/sign-in", {"handle": "mei", "password": PASSWORD})
    client = browser()
    client.post("/password/forgot", {"contact": EMAIL})
    client.post("/password/forgot/code", {"code": code_in([m for m in mailoutbox if re.search(r"\d{6}", m.subject)])})
    assert "too easy" in client.post("/password/forgot/new", {"password1": "short"}).content.decode()
    client.post("/password/forgot/new", {"password1": "another-long-password"})
    assert is_in(client)
    assert elsewhere.get("/account").status_code == 302
    fresh = browser()
    fresh.post("/sign-in", {"handle": "mei", "password": "another-long-password"})
    assert is_in(fresh)


def test_a_forgotten_password_is_replaced_by_phone(mei: Person, mailoutbox: list[EmailMessage]) -> None:
    own_number(mei)
    client = browser()
    with capture_logs() as logs:
        client.post("/password/forgot", {"contact": "138 1234 5678"})
    assert mailoutbox == []
    client.post("/password/forgot/code", {"code": shown_code(logs)})
    client.post("/password/forgot/new", {"password1": "another-long-password"})
    assert is_in(client)


def test_a_forgotten_password_does_not_tell_by_phone_who_has_an_account(db: None) -> None:
    with capture_logs() as logs:
        answer = browser().post("/password/forgot", {"contact": PHONE})
    assert answer["Location"] == "/password/forgot/code"
    (sent,) = (entry for entry in logs if entry["event"] == "message_not_sent_but_shown")
    assert (sent["to"], "no account" in sent["body"]) == (PHONE, True)


def _totp(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_an_app_is_set_up_and_then_asked_for_once_a_code(mei: Person) -> None:
    client = browser()
    client.post("/sign-in", {"handle": "mei", "password": PASSWORD})
    assert client.get("/account/app").status_code == 200
    secret = client.session["mfa.totp.secret"]
    assert client.post("/account/app", {"code": _totp(secret)})["Location"] == "/account/recovery-codes"
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    codes = re.findall(r"<code>(\d{8})</code>", client.get("/account/recovery-codes").content.decode())
    assert len(codes) == 10

    for code, works in ((_totp(secret), True), (_totp(secret), False), (codes[0], True), (codes[0], False)):
        other = browser()
        assert other.post("/sign-in", {"handle": "mei", "password": PASSWORD})["Location"] == "/sign-in/second"
        assert not is_in(other)
        other.post("/sign-in/second", {"code": code})
        assert is_in(other) is works


def test_sessions_are_listed_and_ended(mei: Person) -> None:
    here, there = browser(), browser()
    for client in (here, there):
        client.post("/sign-in", {"handle": "mei", "password": PASSWORD}, headers={"User-Agent": "Firefox Windows"})
    assert here.get("/account").content.decode().count("Firefox, Windows") == 2
    here.post("/account/sessions/end-others")
    assert there.get("/account").status_code == 302
    assert here.get("/account").status_code == 200


def test_anothers_session_does_not_exist(mei: Person) -> None:
    mine, theirs = browser(), browser()
    mine.post("/sign-in", {"handle": "mei", "password": PASSWORD})
    make_person(utc_now(), handle="other", has_password=True)
    theirs.post("/sign-in", {"handle": "other", "password": PASSWORD})
    from allauth.usersessions.models import UserSession

    session = UserSession.objects.get(user_id=mei.id)
    assert theirs.post(f"/account/sessions/{session.pk}/end").status_code == 404
    assert mine.get("/account").status_code == 200


def test_the_last_way_in_stays(db: None, mailoutbox: list[EmailMessage]) -> None:
    person = make_person(utc_now(), handle="lin", contact=EMAIL)
    client = browser()
    client.post("/sign-in/code", {"contact": EMAIL})
    client.post("/sign-in/code/confirm", {"code": code_in(mailoutbox)})
    client.post("/account/email", {"email": EMAIL, "action_remove": ""})
    assert len(identity.contacts_of(person.id)) == 1


def test_every_address_that_was_there_is_told_of_a_new_address_and_of_a_new_number_once(
    mei: Person, mailoutbox: list[EmailMessage]
) -> None:
    client = browser()
    client.post("/sign-in", {"handle": "mei", "password": PASSWORD})
    mailoutbox.clear()

    client.post("/account/email", {"email": "second@example.com", "action_add": ""})
    client.post("/account/email/confirm", {"code": code_in(mailoutbox)})
    told = [(mail.subject, mail.to) for mail in mailoutbox[1:]]
    assert told == [("An e-mail address was added to your account", [EMAIL])]

    mailoutbox.clear()
    with capture_logs() as logs:
        client.post("/account/phone", {"phone": PHONE})
        client.post("/account/phone/confirm", {"code": shown_code(logs)})
        again = browser()
        again.post("/sign-in/code", {"contact": PHONE})
        again.post("/sign-in/code/confirm", {"code": shown_code(logs)})
    assert is_in(again)
    added = [mail.to for mail in mailoutbox if mail.subject == "A phone number was added to your account"]
    assert sorted(added) == [[EMAIL], ["second@example.com"]]


@pytest.mark.parametrize(
    "path", ["/account", "/account/real-name", "/account/email", "/account/phone", "/account/password"]
)
def test_pages_of_the_account_are_drawn(mei: Person, path: str) -> None:
    client = browser()
    client.post("/sign-in", {"handle": "mei", "password": PASSWORD})
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/account/passkeys/add", "/account/app", "/sign-in", "/sign-up", "/sign-in/code", "/password/forgot"]
)
def test_pages_to_sign_in_are_drawn(mei: Person, path: str) -> None:
    client = browser()
    if path.startswith("/account"):
        client.post("/sign-in", {"handle": "mei", "password": PASSWORD})
    page = client.get(path)
    assert page.status_code == 200
    assert "page--plain" in page.content.decode()


def test_a_real_name_is_proven_once_and_its_number_is_nowhere(mei: Person) -> None:
    client = browser()
    client.post("/sign-in", {"handle": "mei", "password": PASSWORD})
    before = footprint()
    with capture_logs() as logs:
        wrong = client.post("/account/real-name", {"name": "林小梅", "number": NUMBER[:-1] + "1"})
        assert wrong.status_code == 422
        assert {k for k, v in footprint().items() if v != before[k]} <= {"identity_rate"}
        assert client.post("/account/real-name", {"name": "林小梅", "number": NUMBER.lower()}).status_code == 302
        other = make_person(utc_now(), handle="other", has_password=True)
        theirs = browser()
        theirs.post("/sign-in", {"handle": "other", "password": PASSWORD})
        assert theirs.post("/account/real-name", {"name": "林小梅", "number": NUMBER}).status_code == 409
    assert identity.find_real_name_proof(mei.id) is not None
    assert identity.find_real_name_proof(other.id) is None
    tables = db.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    rows = " ".join(str(db.rows(f"SELECT t::text FROM {name} t")) for (name,) in tables)
    for secret in (NUMBER, NUMBER[:-1], "林小梅", "19491231"):
        assert secret not in rows
        assert secret not in str(logs)
    assert NUMBER[:-1] not in wrong.content.decode()


def test_that_a_real_name_is_proven_is_seen_by_everybody_and_the_name_by_nobody(mei: Person) -> None:
    assert "实名" not in Client(HTTP_ACCEPT_LANGUAGE="zh-hans").get(f"/u/{mei.handle}").content.decode()

    browser(mei).post("/account/real-name", {"name": "张小梅", "number": NUMBER})

    page = Client(HTTP_ACCEPT_LANGUAGE="zh-hans").get(f"/u/{mei.handle}").content.decode()
    assert "实名：证件已核验" in page
    assert "张小梅" not in page
    assert identity.get_person(mei.id).real_name is RealNameLevel.DOCUMENT


@pytest.mark.parametrize(("path", "queries"), [("/account", 9), ("/account/real-name", 4)])
def test_budgets(mei: Person, path: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = browser(mei)
    for _ in range(3):
        browser(mei).get("/account")
    with django_assert_num_queries(queries):
        client.get(path)


def test_a_proof_takes_the_age_back_that_it_refutes(mei: Person) -> None:
    faces.say_age(utc_now(), mei, AgeBand(2010, 10), ONLY_ME)
    client = browser()
    client.post("/sign-in", {"handle": "mei", "password": PASSWORD})

    assert client.post("/account/real-name", {"name": "林小梅", "number": NUMBER}).status_code == 302

    assert social.list_own_traits(mei.id) == ()


@pytest.mark.parametrize("has_password", [True, False])
def test_who_signed_in_long_ago_proves_again_that_it_is_them(
    has_password: bool, db: None, mailoutbox: list[EmailMessage]
) -> None:
    person = make_person(utc_now(), handle="lin", contact=EMAIL, has_password=has_password)
    client = browser(person)
    where = "/account/prove" if has_password else "/account/prove/code"
    assert client.get("/account/app")["Location"].startswith(f"{where}?next=")
    client.post(f"{where}?next=/account/app", {"password": "wrong-password", "code": "x"})
    assert client.get("/account/app").status_code == 302
    client.get(where)
    proof = {"password": PASSWORD} if has_password else {"code": code_in(mailoutbox)}
    assert client.post(f"{where}?next=/account/app", proof)["Location"] == "/account/app"
    assert client.get("/account/app").status_code == 200


def test_codes_that_a_page_sends_by_itself_are_counted(db: None, mailoutbox: list[EmailMessage]) -> None:
    person = make_person(utc_now(), handle="lin", contact=EMAIL)
    answers = [browser(person).get("/account/prove/code") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "It is good for 10 minutes." in answers[0].content.decode()
    assert len(mailoutbox) == 3


def test_who_has_a_password_is_sent_no_code_to_prove_themselves_with(
    mei: Person, mailoutbox: list[EmailMessage]
) -> None:
    assert browser(mei).get("/account/prove/code")["Location"] == "/account/prove"
    assert mailoutbox == []
