"""Files of people, in Django's default storage (a disk, or S3 by a setting), under keys that nobody guesses.

A file and a row cannot be written in one transaction. So the row comes first and goes last (docs/adr/0015):

    put      the key is on record (`stored_file`), then the files are written, before the transaction that wants them
    refer    a table that needs a file has a foreign key to `infra.StoredFile`; `keep` says so in its transaction
    discard  in the transaction that deletes the last reference, the key goes to `discarded_file`; a task deletes files

What was put for a transaction that never came is discarded by `discard_orphans` after a day. It cannot take a file that
somebody refers to: the foreign key refuses it. It cannot take one that somebody is about to refer to: `keep` holds the
row until its transaction ends, and finds nothing when it was late.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import IO

import structlog
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError

from wuyou.infra import db
from wuyou.kernel.errors import DomainError, ErrorKind

log = structlog.get_logger(__name__)

ORPHANED_AFTER = timedelta(days=1)
"""So long a file waits for the transaction that it was put for; the longest transaction takes a minute."""
_PAGE = 200


class FileGone(DomainError):
    """The file was put here too long ago, and was used for nothing; it has to be sent again."""

    code = "storage.file_gone"
    kind = ErrorKind.CONFLICT


@db.outside_transaction
def put(files: Mapping[str, bytes | IO[bytes]], *, suffix: str = "") -> str:
    """Write files that belong together, and return their key: 128 random bits, and the suffix.

    Called before the transaction that refers to them; without one they are gone after a day.
    """
    key = secrets.token_hex(16) + suffix
    db.in_transaction(partial(db.execute, "INSERT INTO stored_file (key, names) VALUES (%s, %s)", [key, sorted(files)]))
    for name, content in files.items():
        path = _path(key, name)
        file = ContentFile(content) if isinstance(content, bytes) else File(content)
        if default_storage.save(path, file) != path:
            raise FileExistsError(path)
    return key


@db.requires_transaction
def keep(keys: Collection[str]) -> None:
    """Say that what this transaction writes refers to these files: none of them goes before it ends.

    Raises: `FileGone` when one was put too long ago, or discarded. Locks: the files' rows, by key.
    """
    wanted = sorted(set(keys))
    found = db.rows("SELECT key FROM stored_file WHERE key = ANY(%s) ORDER BY key FOR NO KEY UPDATE", [wanted])
    if len(found) != len(wanted):
        raise FileGone()
    db.execute("UPDATE stored_file SET kept_at = now() WHERE key = ANY(%s) AND kept_at IS NULL", [wanted])


@db.requires_transaction
def discard(keys: Collection[str]) -> int:
    """These files are wanted no longer: a task deletes them once this transaction has committed. Twice is once.

    The transaction deletes its references too; one that is left fails it at its end (a foreign key).
    """
    return db.execute(
        """
        WITH gone AS (DELETE FROM stored_file WHERE key = ANY(%s) RETURNING key, names)
        INSERT INTO discarded_file (key, names) SELECT key, names FROM gone
        """,
        [sorted(set(keys))],
    )


def open_file(key: str, name: str) -> IO[bytes]:
    """One of the files that were put under a key. Raises `FileNotFoundError`."""
    return default_storage.open(_path(key, name), "rb")


@db.outside_transaction
def remove_discarded(now: datetime) -> int:
    """Delete the files that were discarded. A task; a file that cannot be deleted is tried again by its next run."""
    done = 0
    after = ""
    while page := db.rows(
        "SELECT key, names FROM discarded_file WHERE discarded_at <= %s AND key > %s ORDER BY key LIMIT %s",
        [now, after, _PAGE],
    ):
        for key, names in page:
            done += _remove(key, names)
        after = page[-1][0]
    return done


def discard_orphans(now: datetime) -> int:
    """Discard what was put for a transaction that never came. A task."""
    done = 0
    after = ""
    while page := db.rows(
        """
        SELECT key FROM stored_file WHERE kept_at IS NULL AND stored_at < %s AND key > %s ORDER BY key LIMIT %s
        """,
        [now - ORPHANED_AFTER, after, _PAGE],
    ):
        for (key,) in page:
            done += db.in_transaction(partial(_discard_orphan, key))
        after = page[-1][0]
    return done


def _discard_orphan(key: str) -> int:
    # Whoever keeps it at this moment holds its row: it is theirs.
    if not db.rows("SELECT FROM stored_file WHERE key = %s AND kept_at IS NULL FOR UPDATE SKIP LOCKED", [key]):
        return 0
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    try:
        with db.savepoint():
            return discard([key])
    except IntegrityError:  # somebody refers to it and did not say `keep`
        db.execute("UPDATE stored_file SET kept_at = now() WHERE key = %s", [key])
        return 0


def _remove(key: str, names: Sequence[str]) -> bool:
    try:
        for name in names:
            default_storage.delete(_path(key, name))
    except OSError:
        log.exception("file_not_removed", key=key)
        return False
    # Only now: a worker that dies before finds the row again, and deleting what is gone does no harm.
    return bool(db.in_transaction(partial(db.execute, "DELETE FROM discarded_file WHERE key = %s", [key])))


def _path(key: str, name: str) -> str:
    return f"{key[:2]}/{key}/{name}"
