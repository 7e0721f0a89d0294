"""A person's copy of their data: whole, theirs alone, and gone after a week."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.builders import social, things
from tests.builders.people import actor_for, make_person
from wuyou.domains.identity import errors, operations, queries, tasks
from wuyou.domains.identity.operations.exports import EXPORT_KEPT, EXPORTS_A_DAY
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db, events, storage
from wuyou.infra.sight import get_viewer

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def ask(person: Person, now: datetime) -> None:
    db.in_transaction(lambda: operations.ask_for_export(actor=actor_for(person), now=now))


def test_copy_holds_what_is_ones_own_and_names_whom_one_may_meet(now: datetime) -> None:
    mei, lin, foe = make_person(now, "梅"), make_person(now, "林"), make_person(now, "仇")
    things.make_holding(now, mei, story="爷爷留下的")
    for other in (lin, foe):
        social.follow(now, other, mei)
    ask(mei, now)
    db.in_transaction(lambda: social.operations.block(actor=actor_for(foe), person_id=mei.id, now=now))

    assert tasks.write_due_exports(now) == 1

    (export,) = queries.list_exports(mei.id, now)
    _, file = queries.open_export(mei.id, export.id, now)
    with zipfile.ZipFile(file) as archive:
        text = {name: archive.read(name).decode() for name in archive.namelist()}
    assert json.loads(text["things/holdings.json"])[0]["story"] == "爷爷留下的"
    assert json.loads(text["identity/person.json"])[0]["display_name"] == "梅"
    everything = "".join(text.values())
    assert f"林 @{lin.handle}" in everything
    assert "仇" not in everything
    assert foe.handle not in everything


def test_who_asked_is_told_and_nobody_else_can_fetch_it(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    ask(mei, now)
    ask(mei, now)
    tasks.write_due_exports(now)
    events.dispatch(events.subscribers(), now)

    (export,) = queries.list_exports(mei.id, now)
    (told,) = notifications.list_groups(get_viewer(mei.id)).items
    assert told.kind is Kind.EXPORT_READY
    for person, at in ((lin, now), (mei, now + EXPORT_KEPT)):
        with pytest.raises(errors.ExportNotFound):
            queries.open_export(person.id, export.id, at)


def test_copy_is_swept_away_with_its_file_after_a_week(now: datetime, media: Path) -> None:
    mei = make_person(now)
    ask(mei, now)
    tasks.write_due_exports(now)
    assert [path.name for path in media.rglob("*") if path.is_file()] == [queries.EXPORT_FILE]

    assert tasks.sweep_exports(now + EXPORT_KEPT - timedelta(seconds=1)) == 0
    assert tasks.sweep_exports(now + EXPORT_KEPT) == 1
    storage.remove_discarded(datetime.now(now.tzinfo) + timedelta(minutes=1))

    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_more_copies_than_a_day_allows_are_refused_and_nothing_is_asked(now: datetime) -> None:
    mei = make_person(now)
    for _ in range(EXPORTS_A_DAY):
        ask(mei, now)
        tasks.write_due_exports(now)
    before = queries.list_exports(mei.id, now)

    with pytest.raises(errors.TooManyExports):
        ask(mei, now)

    assert queries.list_exports(mei.id, now) == before
    ask(mei, now + timedelta(days=1, seconds=1))


def test_copy_that_fails_is_tried_again_later_and_keeps_nobody_waiting(
    now: datetime, settings: Settings, media: Path
) -> None:
    mei, lin = make_person(now), make_person(now)
    ask(mei, now)
    media.parent.mkdir(exist_ok=True)
    media.write_text("no folder")  # the storage refuses
    assert tasks.write_due_exports(now) == 0
    media.unlink()
    ask(lin, now)

    assert tasks.write_due_exports(now) == 1
    assert queries.list_exports(mei.id, now)[0].ready_at is None
    assert tasks.write_due_exports(now + timedelta(minutes=16)) == 1
    assert queries.list_exports(mei.id, now)[0].ready_at is not None
