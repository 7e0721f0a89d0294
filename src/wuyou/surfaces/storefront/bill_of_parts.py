"""Parts as a hardware bill of materials of CycloneDX 1.6 (ECMA-424, https://cyclonedx.org/docs/1.6/json/)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from django.urls import reverse

from wuyou.domains.things.part_types import Drawing, Figure, Part
from wuyou.domains.things.types import Thing
from wuyou.surfaces.storefront.viewmodels import covers, part_pages

MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"

Component = dict[str, object]


def cyclonedx(
    thing: Thing,
    parts: Sequence[Part],
    figures: Sequence[Figure],
    drawings: Sequence[Drawing],
    absolute: Callable[[str], str],
) -> dict[str, object]:
    """The document; quantities by CycloneDX's own names, what it has no word for by ours.

    Args: parts: as a tree, each before those below it; absolute: makes an address of a path.
    """
    said: dict[int | None, list[Figure]] = defaultdict(list)
    for figure in figures:
        said[figure.part_id].append(figure)
    whole = _component(f"thing:{thing.id}", covers.name_of(thing), said[None])
    if thing.brand:
        whole["manufacturer"] = {"name": thing.brand}
    whole["externalReferences"] = [
        {"type": "website", "url": absolute(covers.href_of(thing.id))},
        *(
            {
                "type": "documentation",
                "url": absolute(part_pages.drawing_href(drawing.id, part_pages.WHOLE_WIDTH)),
                "comment": f"{part_pages.title_of(drawing)}, {drawing.version}, {drawing.licence.value}",
            }
            for drawing in drawings
        ),
    ]
    made: dict[int, Component] = {}
    below: dict[int | None, list[Component]] = defaultdict(list)
    for part in parts:
        made[part.id] = component = _component(f"part:{part.id}", part_pages.name_of(part), said[part.id])
        properties = component["properties"]
        assert isinstance(properties, list)  # noqa: S101  (made above)
        properties[:0] = [_property("cdx:device:quantity", str(part.quantity)), _property("wuyou:number", part.number)]
        component["externalReferences"] = [
            {"type": "website", "url": absolute(reverse("storefront:part", args=[part.id]))}
        ]
        below[part.parent_id].append(component)
    for part_id, component in made.items():
        if below[part_id]:
            component["components"] = below[part_id]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": whole},
        "components": below[None],
    }


def _component(ref: str, name: str, figures: Sequence[Figure]) -> Component:
    return {
        "type": "device",
        "bom-ref": ref,
        "name": name,
        "properties": [_property("wuyou:figure", _figure_text(figure)) for figure in figures],
    }


def _figure_text(figure: Figure) -> str:
    under = f" ({figure.condition})" if figure.condition else ""
    said = figure.said
    value = f"{said.value:f} {said.unit}".strip()
    return (
        f"{part_pages.quantity_of(figure)}{under}: {value}; {said.source}; version {figure.version}; "
        f"{said.licence.value}"
    )


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}
