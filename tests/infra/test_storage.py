"""A file goes when nothing refers to it any more, and never before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import IntegrityError, connection
from pytest_django.fixtures import Settings

from wuyou.infra import db, storage
from wuyou.infra.storage import ORPHANED_AFTER

pytestmark = pytest.mark.usefixtures("world", "album")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def album(world: None) -> Iterator[None]:
    """A table that refers to files as those of the domains do: by a foreign key that is checked at the commit."""
    db.execute("CREATE TABLE album (key varchar(60) NOT NULL REFERENCES stored_file DEFERRABLE INITIALLY DEFERRED)")
    yield
    db.execute("DROP TABLE album")


def later() -> datetime:
    return datetime.now(UTC) + ORPHANED_AFTER + timedelta(minutes=1)


def put_and_refer(*, keeps: bool = True) -> str:
    key = storage.put({"a.txt": b"one"})
    db.in_transaction(lambda: refer(key, keeps=keeps))
    return key


def refer(key: str, *, keeps: bool = True) -> None:
    if keeps:
        storage.keep([key])
    db.execute("INSERT INTO album VALUES (%s)", [key])


def drop(key: str) -> None:
    db.execute("DELETE FROM album WHERE key = %s", [key])
    storage.discard([key])


def files(media: Path) -> int:
    return sum(path.is_file() for path in media.rglob("*"))


def test_files_are_found_under_a_key_that_nobody_guesses() -> None:
    keys = {storage.put({"a.txt": b"one", "b.txt": b"two"}, suffix="-7") for _ in range(20)}

    assert len(keys) == 20
    assert all(len(key) == 34 and key.endswith("-7") for key in keys)
    with storage.open_file(keys.pop(), "b.txt") as file:
        assert file.read() == b"two"


def test_discarded_files_are_deleted_after_the_commit(media: Path) -> None:
    key = put_and_refer()
    db.in_transaction(lambda: drop(key))
    assert files(media) == 1

    assert storage.remove_discarded(later()) == 1

    assert files(media) == 0
    assert db.rows("SELECT key FROM discarded_file UNION SELECT key FROM stored_file") == []
    assert storage.remove_discarded(later()) == 0


def test_discarding_that_is_rolled_back_leaves_the_files(media: Path) -> None:
    key = put_and_refer()

    def entry() -> None:
        drop(key)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        db.in_transaction(entry)
    assert storage.remove_discarded(later()) == 0
    assert files(media) == 1


def test_file_that_is_still_referred_to_cannot_be_discarded(media: Path) -> None:
    key = put_and_refer()
    with pytest.raises(IntegrityError):
        db.in_transaction(lambda: storage.discard([key]))
    assert storage.remove_discarded(later()) == 0
    assert files(media) == 1


def test_discarding_twice_is_once() -> None:
    key = put_and_refer()
    db.in_transaction(lambda: drop(key))
    assert db.in_transaction(lambda: storage.discard([key])) == 0


def test_file_that_cannot_be_deleted_is_tried_again_and_keeps_nobody_waiting(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = sorted(put_and_refer() for _ in range(3))
    for key in keys:
        db.in_transaction(lambda key=key: drop(key))  # type: ignore[misc]
    stuck = media / keys[0][:2] / keys[0]
    (stuck / "a.txt").unlink()
    (stuck / "a.txt" / "in the way").mkdir(parents=True)

    assert storage.remove_discarded(later()) == 2

    (stuck / "a.txt" / "in the way").rmdir()
    assert storage.remove_discarded(later()) == 1


def test_what_waited_a_day_for_its_transaction_is_swept(media: Path) -> None:
    storage.put({"a.txt": b"one"})

    assert storage.discard_orphans(datetime.now(UTC) + ORPHANED_AFTER - timedelta(minutes=1)) == 0
    assert storage.discard_orphans(later()) == 1
    assert storage.remove_discarded(later()) == 1
    assert files(media) == 0


def test_file_half_written_by_a_process_that_died_is_swept(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = storage.default_storage.save

    def die(name: str, content: object) -> str:
        if name.endswith("b.txt"):
            raise KeyboardInterrupt
        return save(name, content)

    monkeypatch.setattr(storage.default_storage, "save", die)
    with pytest.raises(KeyboardInterrupt):
        storage.put({"a.txt": b"one", "b.txt": b"two"})
    assert files(media) == 1

    assert storage.discard_orphans(later()) == 1
    assert storage.remove_discarded(later()) == 1
    assert files(media) == 0


@pytest.mark.parametrize("keeps", [True, False])
def test_sweep_leaves_what_is_referred_to(keeps: bool, media: Path) -> None:
    put_and_refer(keeps=keeps)
    assert storage.discard_orphans(later()) == 0
    assert storage.remove_discarded(later()) == 0
    assert files(media) == 1
    assert db.rows("SELECT FROM stored_file WHERE kept_at IS NULL") == []


def test_late_reference_to_a_swept_file_is_refused() -> None:
    key = storage.put({"a.txt": b"one"})
    storage.discard_orphans(later())
    with pytest.raises(storage.FileGone):
        db.in_transaction(lambda: refer(key))
    assert db.rows("SELECT key FROM album") == []


def test_sweep_and_a_late_reference_at_once_never_lose_a_file(media: Path) -> None:
    key = storage.put({"a.txt": b"one"})
    kept, swept = Event(), Event()

    def slow() -> None:
        def entry() -> None:
            refer(key)
            kept.set()
            assert swept.wait(20)

        try:
            db.in_transaction(entry)
        finally:
            connection.close()

    thread = Thread(target=slow)
    thread.start()
    assert kept.wait(20)
    assert storage.discard_orphans(later()) == 0  # it is held: nothing is waited for, nothing taken
    swept.set()
    thread.join(20)
    assert storage.discard_orphans(later()) == 0
    assert storage.remove_discarded(later()) == 0
    assert db.rows("SELECT key FROM album") == [(key,)]
    assert files(media) == 1


def test_files_are_not_written_inside_a_transaction() -> None:
    with pytest.raises(db.TransactionError):
        db.in_transaction(lambda: storage.put({"a.txt": b"one"}))
