"""Annotations in W3C's Web Annotation Data Model (https://www.w3.org/TR/annotation-model/)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.urls import reverse

from wuyou.domains.identity.types import Person
from wuyou.domains.things.types import Annotation, Purpose, Region
from wuyou.surfaces.storefront.viewmodels import people

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MOTIVATIONS: Mapping[Purpose, str] = {
    Purpose.COMMENT: "commenting",
    Purpose.ASK: "questioning",
    Purpose.EXPLAIN: "describing",
}
_WIDTH = 1600


def annotation(said: Annotation, person: Person, absolute: Callable[[str], str]) -> dict[str, object]:
    """An annotation as JSON-LD. Args: absolute: makes an address of a path."""
    target: object = absolute(_place_of(said))
    if (said.picture_id, said.photo_id, said.drawing_id) != (None, None, None):
        target = {"type": "SpecificResource", "source": {"id": target, "type": "Image", "format": "image/webp"}}
        if said.region is not None:
            target["selector"] = {
                "type": "FragmentSelector",
                "conformsTo": "http://www.w3.org/TR/media-frags/",
                "value": f"xywh=percent:{region_text(said.region)}",
            }
    return {
        "@context": CONTEXT,
        "id": absolute(reverse("storefront:annotation", args=[said.id])),
        "type": "Annotation",
        "motivation": MOTIVATIONS[said.purpose],
        "creator": {"id": absolute(people.href_of(person)), "type": "Person", "name": person.display_name},
        "created": said.written_at.isoformat(),
        "body": {"type": "TextualBody", "value": said.text, "format": "text/plain"},
        "target": target,
    }


def _place_of(said: Annotation) -> str:
    """The path of what is pointed at."""
    if said.picture_id is not None:
        return reverse("storefront:review-picture", args=[said.picture_id, _WIDTH])
    if said.photo_id is not None:
        return reverse("storefront:photo", args=[said.photo_id, _WIDTH])
    if said.drawing_id is not None:
        return reverse("storefront:drawing-picture", args=[said.drawing_id, _WIDTH])
    if said.part_id is not None:
        return reverse("storefront:part", args=[said.part_id])
    if said.figure_id is not None:
        return reverse("storefront:figure", args=[said.figure_id])
    return reverse("storefront:thing", args=[said.thing_id])


def region_text(region: Region) -> str:
    """A region in percent, as forms and selectors have it."""
    return ",".join(map(_percent, region))


def _percent(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
