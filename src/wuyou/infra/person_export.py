"""A person's copy of their data: one file of JSON a kind of records, and their pictures, in a zip."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import IO, Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder

from wuyou.infra import db, films, person_data, pictures

log = structlog.get_logger(__name__)

Names = Callable[[int, Collection[int]], Mapping[int, str]]
"""Of these people those whom a person may meet, by what they are called."""

_OF_A_PERSON = ("person_id", "actor_id")
_README = """物友 Wuyou

{at:%Y-%m-%d %H:%M} UTC

这里是平台上属于你的全部数据:每个文件夹是一类,JSON 文件用任何文本编辑器都能打开;你传的图片和视频在 media 里。
别人只以名字出现,并且只在你现在还能看到对方时出现。

This is all that the platform holds of yours: a folder for each part of it, JSON that any text editor opens, and the
pictures and films that you sent under media. Others stand here by name alone, and only where you may still meet them.
"""


@db.outside_transaction
def write(person_id: int, names: Names, into: IO[bytes], now: datetime) -> None:
    """Write everything that the platform holds of a person, as it is at one moment.

    Cost: what each domain's export costs; memory for the records, not for the pictures.
    """
    with db.reading():
        db.hold_moment()
        records = [
            (f"{source.domain}/{name}.json", rows)
            for source in person_data.sources()
            for name, rows in source.export(person_id)
        ]
        shown = list(dict.fromkeys(key for source in person_data.sources() for key in source.pictures(person_id)))
        filmed = list(dict.fromkeys(key for source in person_data.sources() for key in source.films(person_id)))
        called = names(person_id, {one for _, rows in records for row in rows for _, one in _people_in(row)})
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(at=now))
        for path, rows in records:
            told = [_told(row, called) for row in rows]
            archive.writestr(path, json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        for key in shown:
            _add(archive, f"{key}.webp", partial(pictures.open_rendition, key, pictures.WIDTHS[-1]))
        for key in filmed:
            _add(archive, f"{key}.mp4", partial(films.open_part, key, films.FILM))


def _add(archive: zipfile.ZipFile, name: str, open_file: Callable[[], IO[bytes]]) -> None:
    try:
        with open_file() as file, archive.open(zipfile.ZipInfo(f"media/{name}"), "w", force_zip64=True) as entry:
            shutil.copyfileobj(file, entry)
    except FileNotFoundError:  # taken back between the moment and now
        log.info("export_without_file", name=name)


def _people_in(row: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in row.items():
        if name.endswith(_OF_A_PERSON) and isinstance(value, int):
            yield name, value


def _told(row: Mapping[str, Any], called: Mapping[int, str]) -> dict[str, Any]:
    """A record, with people by name instead of by number; nobody where one may not meet them."""
    people = {name: called.get(one) for name, one in _people_in(row)}
    return {name.removesuffix("_id") if name in people else name: people.get(name, row[name]) for name in row}
