"""What comes as files: photos of a copy, and lists of other places. `multipart/form-data`, bounded while it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ninja import File, Router, UploadedFile
from pydantic import Field

from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import ImportReport, RowFault
from wuyou.infra import db, pictures
from wuyou.infra.storage import FileGone
from wuyou.kernel.clock import business_date
from wuyou.kernel.sight import Viewer, make_viewer
from wuyou.surfaces.api.copy_lines import PhotoLine, photo_line
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Draft, Id

router = Router(tags=["copies"])

MAX_PHOTOS = 12
_BAD_SHOWN = 50


class PhotoOrder(Draft):
    """Photos of a copy, to have the places that they have among them in this order."""

    photo_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_PHOTOS)]


@dataclass(frozen=True, slots=True)
class PhotoList:
    """The photos of a copy in their order; the first stands for it."""

    items: tuple[PhotoLine, ...]


@dataclass(frozen=True, slots=True)
class BadRowLine:
    """A row that is left out, and why."""

    __pydantic_config__ = DOCUMENTED

    line: int
    """Where it begins in the file; the head is line 1."""
    title: str
    """What could be read of its title."""
    fault: RowFault


@dataclass(frozen=True, slots=True)
class ImportPage:
    """What an import did, or would do."""

    __pydantic_config__ = DOCUMENTED

    row_count: int
    added_count: int
    there_count: int
    """Rows that an earlier import took in already."""
    bad_count: int
    bad: tuple[BadRowLine, ...]
    """The first fifty."""


@operation(
    router,
    "POST",
    "/copies/{copy_id}/photos",
    entry=Entry.READ,
    status=201,
    refuses=[
        errors.HoldingNotFound,
        errors.TooManyPhotos,
        pictures.PictureRefused,
        pictures.PictureTooLarge,
        pictures.PictureTooWide,
        FileGone,
        *SCREENED,
    ],
)
def add_photos(call: Call, copy_id: Id, photos: File[list[UploadedFile]]) -> PhotoList:
    """Put pictures after the other photos of a copy of yours, all of them or none; whoever sees the copy sees them."""
    me = call.actor.person_id
    viewer = make_viewer(me, within=me)
    holding = queries.get_holding_for(viewer, copy_id)
    if len(photos) > MAX_PHOTOS:
        raise errors.TooManyPhotos(most=MAX_PHOTOS)
    for photo in photos:
        pictures.check_size(photo.size or 0)
    # Decoding takes long, so no transaction is open then.
    taken = [pictures.take_in(photo.read()) for photo in photos]
    db.in_transaction(
        lambda: operations.add_photos(actor=call.actor, holding_id=holding.id, pictures=taken, now=call.now)
    )
    return _photos(viewer, holding.id)


@operation(
    router,
    "PUT",
    "/copies/{copy_id}/photos/order",
    entry=Entry.WRITE,
    refuses=[errors.HoldingNotFound, errors.PhotoNotFound],
)
def order_photos(call: Call, copy_id: Id, body: PhotoOrder) -> PhotoList:
    """Put photos of a copy of yours in this order."""
    operations.order_photos(actor=call.actor, holding_id=copy_id, photo_ids=body.photo_ids)
    return _photos(make_viewer(call.actor.person_id, within=call.actor.person_id), copy_id)


@operation(
    router,
    "DELETE",
    "/copies/{copy_id}/photos/{photo_id}",
    entry=Entry.WRITE,
    status=204,
    refuses=[errors.HoldingNotFound, errors.PhotoNotFound],
)
def remove_photo(call: Call, copy_id: Id, photo_id: Id) -> None:
    """Take a photo off a copy of yours; its file goes with it."""
    operations.remove_photos(actor=call.actor, holding_id=copy_id, photo_ids=[photo_id])


@operation(router, "POST", "/imports/preview", entry=Entry.READ, refuses=[errors.ImportMalformed])
def preview_import(call: Call, file: File[UploadedFile]) -> ImportPage:
    """Look what an import of this file would do, without doing it."""
    content = _content(file)
    return _report(queries.preview_import(call.actor.person_id, content, business_date(call.now)))


@operation(router, "POST", "/imports", entry=Entry.WRITE, status=201, refuses=[errors.ImportMalformed])
def import_copies(call: Call, file: File[UploadedFile]) -> ImportPage:
    """Take in a CSV file of another place: a private copy of each good row; a row that is here already stays one."""
    content = _content(file)
    return _report(
        operations.import_holdings(actor=call.actor, content=content, today=business_date(call.now), now=call.now)
    )


def _content(file: UploadedFile) -> bytes:
    file.seek(0)  # the transaction may begin again
    content: bytes = file.read()
    return content


def _photos(viewer: Viewer, holding_id: int) -> PhotoList:
    photos = queries.photos_by_holding(viewer, [holding_id]).get(holding_id, ())
    return PhotoList(tuple(map(photo_line, photos)))


def _report(report: ImportReport) -> ImportPage:
    return ImportPage(
        report.row_count,
        report.added_count,
        report.there_count,
        len(report.bad),
        tuple(BadRowLine(row.line, row.title, row.fault) for row in report.bad[:_BAD_SHOWN]),
    )
