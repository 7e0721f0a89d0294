"""What a shop of the world publishes of one of its things: a drawing, parts and figures, and what is said of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from wuyou.domains.things import operations as things
from wuyou.domains.things import queries
from wuyou.domains.things.part_types import (
    DrawingDraft,
    FigureDraft,
    FigureKind,
    FigureValue,
    Licence,
    PartDraft,
)
from wuyou.domains.things.types import AnnotationDraft, Purpose, Region
from wuyou.infra import db, pictures
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC
from wuyou.surfaces.cli.demo.drawing import draw_keyboard
from wuyou.surfaces.cli.demo.town import Settled

DESCRIBED = "keyboard"
"""The picture of the product that is described."""

_PUBLISHED = timedelta(days=20)
"""Before the moment of loading; the new versions come ten days later, and the words after them."""


def read_described() -> dict[str, Any]:
    """Read what is written down."""
    text = (files("wuyou.surfaces.cli.demo") / "keyboard.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def describe_goods(settled: Settled, owner: str, *, now: datetime) -> None:
    """Publish it in the name of the shop's owner, in one transaction; the drawing is taken in before."""
    picture = pictures.take_in(draw_keyboard())
    db.in_transaction(lambda: _Describing(read_described(), settled, owner, now).publish(picture))


class _Describing:
    def __init__(self, read: Mapping[str, Any], settled: Settled, owner: str, now: datetime) -> None:
        self._read, self._people, self._now = read, settled.people, now
        self._actor = Actor(settled.people[owner])
        product = settled.products[DESCRIBED]
        things.ensure_variants(variant_ids=[variant.id for variant in product.variants], now=now)
        self._thing_id = queries.things_by_product([product.id])[product.id].id
        self._parts: dict[str, int] = {}

    def publish(self, picture: Picture) -> None:
        """The drawing, the parts with their marks, the figures, and what is said of them."""
        at = self._now - _PUBLISHED
        title = self._read["drawing"]
        drawing_id = things.add_drawing(
            actor=self._actor,
            thing_id=self._thing_id,
            draft=DrawingDraft(title["title"], title["title_en"], Licence.CC0),
            picture=picture,
            now=at,
        )
        for part in self._read["part"]:
            self._part(part, drawing_id, at)
        for figure in self._read["figure"]:
            self._figure(figure, at)
        for words in self._read["words"]:
            self._say(words, drawing_id)

    def _part(self, said: Mapping[str, Any], drawing_id: int, at: datetime) -> None:
        above = self._parts[said["above"]] if "above" in said else None
        draft = PartDraft(said["number"], said["name"], said["name_en"], said.get("quantity", 1), above)
        part_id = things.add_part(actor=self._actor, thing_id=self._thing_id, draft=draft, now=at)
        self._parts[said["number"]] = part_id
        for mark in said.get("marks", ()):
            things.place_mark(actor=self._actor, drawing_id=drawing_id, part_id=part_id, region=Region(*mark))

    def _figure(self, said: Mapping[str, Any], at: datetime) -> None:
        draft = FigureDraft(
            FigureKind(said["kind"]),
            said["quantity"],
            self._value(said, said.get("was", said["value"])),
            said["quantity_en"],
            said.get("condition", ""),
            said.get("condition_en", ""),
            self._parts[said["part"]] if "part" in said else None,
        )
        figure_id = things.add_figure(actor=self._actor, thing_id=self._thing_id, draft=draft, now=at)
        if "was" in said:
            newer, later = self._value(said, said["value"]), at + _PUBLISHED / 2
            things.renew_figure(actor=self._actor, figure_id=figure_id, said=newer, now=later)

    def _value(self, said: Mapping[str, Any], value: str) -> FigureValue:
        return FigureValue(Decimal(value), said["unit"], self._read["source"], Licence.CC0)

    def _say(self, said: Mapping[str, Any], drawing_id: int) -> None:
        at = self._now - _PUBLISHED / 4
        draft = AnnotationDraft(
            said["text"],
            Purpose(said["purpose"]),
            region=Region(*said["region"]) if "region" in said else None,
            audience=PUBLIC,
            part_id=self._parts[said["part"]] if "part" in said else None,
            drawing_id=drawing_id if "region" in said else None,
        )
        annotation_id = things.annotate(
            actor=Actor(self._people[said["who"]]), thing_id=self._thing_id, draft=draft, now=at
        )
        for hours, (who, text) in enumerate(said["answers"], 1):
            things.reply(
                actor=Actor(self._people[who]),
                annotation_id=annotation_id,
                text=text,
                now=at + timedelta(hours=5 * hours),
            )
