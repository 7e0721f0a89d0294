"""What waits unread goes by mail: once, together, as it is true in the moment of sending, and as its reader chose."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from pytest_django import Settings

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.mail import Mailbox, mail_server, part
from tests.builders.people import actor_for, make_person
from tests.concurrency.conftest import Rush
from tests.concurrency.conftest import rush as rush
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.contacts import contact_of
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import operations, queries
from wuyou.domains.notifications.types import Channel, Decision, Kind, Origin, Pace, Preference, Topic
from wuyou.domains.social import operations as relations
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.storefront.outgoing.tasks import send_due_mail

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def mailbox(db: None, settings: Settings) -> Iterator[Mailbox]:
    with mail_server(settings) as mailbox:
        yield mailbox


def make_reader(now: datetime, name: str = "梅", contact: str = "mei@example.com") -> Person:
    return make_person(now, name, contact=contact)


def choose(now: datetime, person: Person, preference: Preference) -> None:
    db.in_transaction(lambda: operations.set_preference(actor=actor_for(person), preference=preference, now=now))


def ship(now: datetime, person: Person, number: int) -> None:
    db.in_transaction(
        lambda: operations.notify(person_id=person.id, kind=Kind.ORDER_SHIPPED, object_id=number, now=now)
    )


def waiting() -> int:
    (found,) = db.rows("SELECT count(*) FROM notifications_delivery WHERE channel = 'MAIL'")
    return int(found[0])


# ---------------------------------------------------------------------- one mail


@pytest.mark.parametrize(
    ("language", "subject", "intro"),
    [("en", "Lin follows you.", "What you have not read"), ("zh-hans", "Lin关注了你。", "你在物友还没读的")],
)
def test_unread_fact_is_mailed_after_two_minutes_in_the_readers_language(
    mailbox: Mailbox, now: datetime, language: str, subject: str, intro: str
) -> None:
    me, lin = make_reader(now), make_person(now, "Lin")
    choose(now, me, Preference(language=language))
    social.follow(now, lin, me)

    assert send_due_mail(now + 2 * MINUTE - timedelta(seconds=1)) == 0
    assert send_due_mail(now + 2 * MINUTE) == 1
    assert send_due_mail(now + 3 * HOUR) == 0

    (mail,) = mailbox.taken
    assert (mail["To"], mail["Subject"], mail["Content-Language"]) == ("mei@example.com", subject, language)
    base = django_settings.CSRF_TRUSTED_ORIGINS[0]
    for form in ("plain", "html"):
        words = part(mail, form)
        assert intro in words
        assert f"{base}/friends?view=followers" in words
        assert subject in words
    assert (waiting(), mail["Auto-Submitted"]) == (0, "auto-generated")


def test_all_that_waits_goes_in_one_mail_together(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    choose(now, me, Preference(language="en"))
    for number, name in enumerate(("Jia", "Yi", "Bing")):
        social.follow(now + number * timedelta(seconds=50), make_person(now, name), me)
    ship(now + MINUTE, me, 1)

    assert send_due_mail(now + 2 * MINUTE) == 1

    assert mailbox.subjects == ["Your order is on its way. And 1 more"]
    assert "Bing, Yi and 1 other follow you." in part(mailbox.taken[0], "plain")
    assert waiting() == 0


def test_each_person_gets_their_own(mailbox: Mailbox, now: datetime) -> None:
    people = [make_reader(now, contact=f"p{number}@example.com") for number in range(3)]
    for person in people:
        ship(now, person, 1)

    assert send_due_mail(now + 2 * MINUTE) == 3

    assert sorted(mail["To"] for mail in mailbox.taken) == [f"p{number}@example.com" for number in range(3)]


def test_a_mail_holds_nothing_that_anybody_wrote(mailbox: Mailbox, now: datetime) -> None:
    me, lin = make_reader(now), make_person(now, "Lin")
    social.befriend(now, me, lin)
    pair = talk.open_with(now, lin, me)
    talk.say(now, lin, pair, "密码是桂花")

    assert send_due_mail(now + 2 * MINUTE) == 1

    (mail,) = mailbox.taken
    assert "/talk/" in part(mail, "plain")
    assert "桂花" not in mail.as_string() + part(mail, "plain") + part(mail, "html")


def test_who_wrote_markup_into_their_name_has_it_told_as_text(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    social.follow(now, make_person(now, "<b>Lin</b>"), me)

    send_due_mail(now + 2 * MINUTE)

    assert "&lt;b&gt;Lin" in part(mailbox.taken[0], "html")
    assert "<b>Lin" in part(mailbox.taken[0], "plain")


# ---------------------------------------------------------------------- looked at again in the moment of sending


def nothing(now: datetime, me: Person, lin: Person) -> None:
    return


def read(now: datetime, me: Person, lin: Person) -> None:
    ids = [n.id for group in queries.list_groups(get_viewer(me.id)).items for n in group.notifications]
    db.in_transaction(lambda: operations.mark_read(actor=actor_for(me), notification_ids=ids, now=now))


def taken_back(now: datetime, me: Person, lin: Person) -> None:
    social.withdraw(now, lin, social.request_id(lin, me))


def blocked(now: datetime, me: Person, lin: Person) -> None:
    social.block(now, me, lin)


def blocked_by(now: datetime, me: Person, lin: Person) -> None:
    social.block(now, lin, me)


def muted(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: relations.mute(actor=actor_for(me), person_id=lin.id, now=now))


def filtered(now: datetime, me: Person, lin: Person) -> None:
    choose(now, me, Preference({Origin.STRANGER: Decision.FILTER}))


def dropped(now: datetime, me: Person, lin: Person) -> None:
    choose(now, me, Preference({Origin.STRANGER: Decision.DROP}))


def off_by_mail(now: datetime, me: Person, lin: Person) -> None:
    choose(now, me, Preference(silenced=frozenset({(Topic.PEOPLE, Channel.MAIL)})))


def never(now: datetime, me: Person, lin: Person) -> None:
    choose(now, me, Preference(pace=Pace.NEVER))


def stopped_by_link(now: datetime, me: Person, lin: Person) -> None:
    db.in_transaction(lambda: operations.stop_mail(person_id=me.id))


def address_gone(now: datetime, me: Person, lin: Person) -> None:
    identity_password = identity.hash_password("a-long-enough-password")
    db.in_transaction(lambda: identity.set_password(user_id=me.id, password_hash=identity_password))
    db.in_transaction(lambda: identity.forget_contact(user_id=me.id, contact=contact_of("mei@example.com")))


def off_on_the_page_alone(now: datetime, me: Person, lin: Person) -> None:
    choose(now, me, Preference(silenced=frozenset({(Topic.PEOPLE, Channel.PAGE)})))


@pytest.mark.parametrize(
    ("meanwhile", "mails"),
    [
        (nothing, 1),
        (off_on_the_page_alone, 1),
        *(
            (change, 0)
            for change in (
                read,
                taken_back,
                blocked,
                blocked_by,
                muted,
                filtered,
                dropped,
                off_by_mail,
                never,
                stopped_by_link,
                address_gone,
            )
        ),
    ],
)
def test_what_changed_meanwhile_counts(
    mailbox: Mailbox, now: datetime, meanwhile: Callable[[datetime, Person, Person], None], mails: int
) -> None:
    me, lin = make_reader(now), make_person(now, "林")
    social.ask(now, lin, me)

    meanwhile(now + MINUTE, me, lin)

    assert send_due_mail(now + 2 * MINUTE) == mails
    assert len(mailbox.taken) == mails
    assert waiting() == 0


def test_unread_message_is_mailed_and_a_seen_or_muted_one_is_not(mailbox: Mailbox, now: datetime) -> None:
    from wuyou.domains.messaging import operations as messaging

    lin = make_person(now, "林")
    unread, seen, silent = (make_reader(now, contact=f"{name}@example.com") for name in ("unread", "seen", "silent"))
    pairs = {}
    for person in (unread, seen, silent):
        social.befriend(now, person, lin)
        read(now, person, lin)
        pairs[person.id] = talk.open_with(now, lin, person)
        talk.say(now, lin, pairs[person.id])
    read(now, lin, lin)

    talk.see(now + MINUTE, seen, pairs[seen.id], 1)
    db.in_transaction(
        lambda: messaging.mute_conversation(
            actor=actor_for(silent), conversation_id=pairs[silent.id], is_muted=True, now=now
        )
    )

    assert send_due_mail(now + 2 * MINUTE) == 1
    assert [mail["To"] for mail in mailbox.taken] == ["unread@example.com"]


def test_what_identity_mails_at_once_is_not_mailed_again(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    for kind in (Kind.SIGNED_IN_ANEW, Kind.WAYS_IN_CHANGED):
        db.in_transaction(lambda kind=kind: operations.notify(person_id=me.id, kind=kind, object_id=1, now=now))

    assert (waiting(), send_due_mail(now + HOUR), mailbox.taken) == (0, 0, [])


def test_where_no_mail_can_be_sent_nothing_waits_for_it(db: None, now: datetime, settings: Settings) -> None:
    settings.CODE_SENDERS = {"email": "", "phone": ""}
    ship(now, make_reader(now), 1)

    assert waiting() == 0


# ---------------------------------------------------------------------- how often


@pytest.mark.parametrize(
    ("pace", "moments"),
    [
        (Pace.INSTANT, [2 * MINUTE, 7 * MINUTE]),
        (Pace.HOURLY, [2 * MINUTE, 62 * MINUTE]),
        (Pace.NEVER, []),
    ],
)
def test_mail_comes_as_often_as_was_chosen(
    mailbox: Mailbox, now: datetime, pace: Pace, moments: list[timedelta]
) -> None:
    me = make_reader(now)
    choose(now, me, Preference(pace=pace))
    ship(now, me, 1)
    sent = []
    for minute in range(130):
        if minute == 5:
            ship(now + minute * MINUTE, me, 2)
        if send_due_mail(now + minute * MINUTE):
            sent.append(minute * MINUTE)

    assert sent == moments
    assert len(mailbox.taken) == len(moments)


def test_daily_mail_comes_in_the_morning_with_all_of_the_day(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    choose(now, me, Preference(pace=Pace.DAILY, language="en"))
    for hour in range(5):
        ship(now + hour * HOUR, me, hour)
    morning = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 8:00 in Shanghai

    assert [send_due_mail(now + hour * HOUR) for hour in range(1, 6)] == [0] * 5
    assert (send_due_mail(morning - MINUTE), send_due_mail(morning)) == (0, 1)
    ship(morning + MINUTE, me, 9)
    assert send_due_mail(morning + 23 * HOUR) == 0
    assert send_due_mail(morning + 24 * HOUR) == 1
    assert mailbox.subjects == ["Your order is on its way. And 4 more", "Your order is on its way."]


def test_another_pace_holds_for_what_was_put_off(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    ship(now, me, 1)
    assert send_due_mail(now + 2 * MINUTE) == 1
    ship(now + 3 * MINUTE, me, 2)
    assert send_due_mail(now + 6 * MINUTE) == 0

    choose(now + 7 * MINUTE, me, Preference(pace=Pace.INSTANT))

    assert send_due_mail(now + 7 * MINUTE) == 1


# ---------------------------------------------------------------------- refused, killed, twice at once


def test_what_the_server_refuses_is_tried_again_later_and_sent_once(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    ship(now, me, 1)
    mailbox.answer = "451 try later"
    assert send_due_mail(now + 2 * MINUTE) == 0
    mailbox.answer = "250 OK"

    assert send_due_mail(now + 16 * MINUTE) == 0
    assert send_due_mail(now + 17 * MINUTE) == 1
    assert send_due_mail(now + 24 * HOUR) == 0
    assert len(mailbox.taken) == 1


def test_who_is_refused_keeps_nobody_waiting_and_is_given_up_in_the_end(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    ship(now, me, 1)
    mailbox.answer = "550 no such user"
    moment, tries = now + 2 * MINUTE, 0
    while waiting():
        send_due_mail(moment)
        moment, tries = moment + 24 * HOUR, tries + 1
    mailbox.answer = "250 OK"

    assert tries == 8
    ship(moment, me, 2)
    assert send_due_mail(moment + 2 * MINUTE) == 1


def test_a_killed_worker_loses_nothing_and_its_turn_is_taken_again(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    ship(now, me, 1)
    # It takes the turn, and is gone.
    assert db.in_transaction(lambda: operations.begin_turn(channel=Channel.MAIL, now=now + 2 * MINUTE)) is not None

    assert send_due_mail(now + 16 * MINUTE) == 0
    assert send_due_mail(now + 17 * MINUTE) == 1
    assert len(mailbox.taken) == 1


def test_who_lost_the_turn_ends_nothing(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    ship(now, me, 1)
    slow = db.in_transaction(lambda: operations.begin_turn(channel=Channel.MAIL, now=now + 2 * MINUTE))
    assert slow is not None
    db.in_transaction(lambda: operations.begin_turn(channel=Channel.MAIL, now=slow.again_at))
    (told,) = db.rows("SELECT notification_id FROM notifications_delivery")

    ended = db.in_transaction(
        lambda: operations.end_turn(turn=slow, told_ids=told, was_told=True, now=now + 20 * MINUTE)
    )

    assert (ended, waiting()) == (False, 1)


SEND = """
import sys, django
from datetime import datetime
django.setup()
from wuyou.surfaces.storefront.outgoing.tasks import send_due_mail
send_due_mail(datetime.fromisoformat(sys.argv[1]))
"""


def environment(home: Path) -> dict[str, str]:
    """What another process needs to work on the database of this test, and to speak to its mail server."""
    at = connection.settings_dict
    query = {name: str(at[key]) for name, key in (("host", "HOST"), ("port", "PORT"), ("user", "USER")) if at[key]}
    query |= {"password": str(at["PASSWORD"])} if at["PASSWORD"] else {}
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "wuyou.config.settings",
        "DATABASE_URL": f"postgresql:///{at['NAME']}?{urlencode(query)}",
        "WUYOU_HOME": str(home),
        "WUYOU_MAIL_FROM": django_settings.DEFAULT_FROM_EMAIL,
        "WUYOU_SMTP_URL": f"smtp://127.0.0.1:{django_settings.EMAIL_PORT}?tls=none",
    }


@pytest.mark.concurrency
@pytest.mark.parametrize(("is_taken", "mails"), [(False, 1), (True, 2)])
def test_process_killed_in_the_middle_of_a_mail_loses_nothing(
    world: None, now: datetime, settings: Settings, tmp_path: Path, is_taken: bool, mails: int
) -> None:
    """Killed before the server has taken it, it is sent once; killed between that and noting it, twice and known so."""
    with mail_server(settings) as mailbox:
        ship(now, make_reader(now), 1)
        moment = now + 2 * MINUTE
        worker = subprocess.Popen(
            [sys.executable, "-c", SEND, moment.isoformat()], env=environment(tmp_path), stderr=subprocess.PIPE
        )
        mailbox.killed, mailbox.takes_from_the_dead = [worker.pid], is_taken
        _, said = worker.communicate(timeout=120)
        assert worker.returncode == -signal.SIGKILL, said
        assert len(mailbox.taken) == mails - 1

        assert send_due_mail(moment + MINUTE) == 0
        assert send_due_mail(moment + 15 * MINUTE) == 1
        assert send_due_mail(moment + 24 * HOUR) == 0

    assert len(mailbox.taken) == mails
    assert len({mail["Message-ID"] for mail in mailbox.taken}) == 1


@pytest.mark.concurrency
@pytest.mark.parametrize("is_guarded", [True, False])
def test_two_workers_at_once_send_one_mail(
    rush: Rush, now: datetime, settings: Settings, monkeypatch: pytest.MonkeyPatch, is_guarded: bool
) -> None:
    """The control takes the guard away: both have the same turn, and two mails go out."""
    with mail_server(settings) as mailbox:
        me = make_reader(now)
        ship(now, me, 1)
        if not is_guarded:
            turn = db.in_transaction(lambda: operations.begin_turn(channel=Channel.MAIL, now=now + 2 * MINUTE))
            handed = [None, None, turn, turn]
            monkeypatch.setattr(operations, "begin_turn", lambda **_: handed.pop())

        rush([lambda: send_due_mail(now + 2 * MINUTE)] * 2)

    assert len(mailbox.taken) == (1 if is_guarded else 2)


# ---------------------------------------------------------------------- stopping


def stop_link(mailbox: Mailbox) -> str:
    found = re.fullmatch(r"<(.+)>", str(mailbox.taken[-1]["List-Unsubscribe"]).strip())
    assert found
    base = django_settings.CSRF_TRUSTED_ORIGINS[0]
    assert found[1].startswith(base)
    return found[1].removeprefix(base)


def test_one_press_in_the_mail_program_stops_the_mail(mailbox: Mailbox, now: datetime) -> None:
    me = make_reader(now)
    choose(now, me, Preference({Origin.STRANGER: Decision.FILTER}, language="en"))
    ship(now, me, 1)
    send_due_mail(now + 2 * MINUTE)
    assert mailbox.taken[-1]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    # A mail program has no cookies and no token against forgery.
    answer = Client(enforce_csrf_checks=True).post(stop_link(mailbox), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    chosen = queries.get_preference(me.id)
    assert (chosen.pace, chosen.decisions) == (Pace.NEVER, {Origin.STRANGER: Decision.FILTER})
    ship(now + 2 * HOUR, me, 2)
    assert (send_due_mail(now + 5 * HOUR), waiting()) == (0, 0)


def test_who_only_looks_at_the_link_stops_nothing(mailbox: Mailbox, now: datetime) -> None:
    """Programs that check mail open every link in it."""
    me = make_reader(now)
    ship(now, me, 1)
    send_due_mail(now + 2 * MINUTE)
    before = footprint()

    answer = Client().get(stop_link(mailbox))

    assert answer.status_code == 200
    assert '<form method="post"' in answer.content.decode()
    assert footprint() == before


@pytest.mark.parametrize("token", ["1", "x:y:z", "MQ:1vN0xY:forged"])
def test_forged_link_is_refused_and_changes_nothing(db: None, now: datetime, token: str) -> None:
    make_reader(now)
    before = footprint()

    assert Client().post(f"/notifications/stop/{token}").status_code == 422
    assert footprint() == before


def test_link_of_who_is_erased_writes_nothing_about_them(mailbox: Mailbox, now: datetime) -> None:
    from wuyou.infra import person_data

    me = make_reader(now)
    ship(now, me, 1)
    send_due_mail(now + 2 * MINUTE)
    db.in_transaction(lambda: person_data.erase_everywhere(person_id=me.id, texts=(me.handle,), now=now))
    before = footprint()

    assert Client().post(stop_link(mailbox)).status_code == 200
    assert footprint() == before


def test_erased_person_waits_for_nothing(mailbox: Mailbox, now: datetime) -> None:
    me, lin = make_reader(now), make_reader(now, "林", "lin@example.com")
    social.follow(now, me, lin)
    social.follow(now, lin, me)
    assert waiting() == 2

    db.in_transaction(lambda: operations.erase_person(person_id=me.id, now=now))

    assert (waiting(), send_due_mail(now + HOUR), mailbox.taken) == (0, 0, [])


def test_page_of_settings_offers_mail_and_keeps_the_pace(mailbox: Mailbox, now: datetime) -> None:
    client = browser(make_reader(now))
    page = client.get("/notifications/settings").content.decode()
    assert 'name="pace" value="HOURLY" checked' in page
    assert "mei@example.com" in page
