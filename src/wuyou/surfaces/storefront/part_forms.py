"""What forms say of the parts, drawings and figures of a thing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wuyou.domains.things.part_types import (
    Drawing,
    DrawingDraft,
    Figure,
    FigureDraft,
    FigureKind,
    FigureValue,
    Licence,
    Part,
    PartDraft,
)
from wuyou.surfaces.storefront.viewmodels import part_pages

_PICTURES = "image/jpeg,image/png,image/webp,image/heic"


def _choices_of_parts(tree: Sequence[Part], none: object) -> list[tuple[str, object]]:
    return [("", none), *((str(part.id), f"{' ' * 4 * part.depth}{part.number} {part_pages.name_of(part)}")
                          for part in tree)]  # fmt: skip


def _optional_id(text: str) -> int | None:
    return int(text) if text else None


class LicenceField(forms.TypedChoiceField):
    """On what terms others may use it."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Licence"),
            choices=lambda: [(licence.value, text()) for licence, text in part_pages.LICENCES.items()],
            coerce=Licence,
            initial=Licence.RESERVED.value,
        )


class PartForm(forms.Form):
    """A part."""

    number = forms.CharField(label=_("Part number"), help_text=_("Its position on the drawing, as in 3 or 3.1."),
                             max_length=20)  # fmt: skip
    name = forms.CharField(label=_("Part name"), max_length=200)
    name_en = forms.CharField(label=_("Part name in English"), max_length=200, required=False)
    quantity = forms.IntegerField(label=_("How many"), min_value=1, max_value=9_999, initial=1)
    parent = forms.TypedChoiceField(
        label=_("Part of"), required=False, coerce=_optional_id, empty_value=None, choices=()
    )

    def __init__(self, *args: Any, tree: Sequence[Part] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = _choices_of_parts(tree, _("the whole"))  # type: ignore[attr-defined]

    @classmethod
    def of(cls, part: Part, tree: Sequence[Part]) -> PartForm:
        """The form as it stands for a part."""
        return cls(
            tree=tree,
            initial={
                "number": part.number,
                "name": part.name,
                "name_en": part.name_en,
                "quantity": part.quantity,
                "parent": str(part.parent_id or ""),
            },
        )

    def draft(self) -> PartDraft:
        """What a valid form says."""
        said = self.cleaned_data
        return PartDraft(said["number"], said["name"], said["name_en"], said["quantity"], said["parent"])


class RenewDrawingForm(forms.Form):
    """A new version of a drawing."""

    picture = forms.FileField(
        label=_("Drawing"),
        help_text=_("A picture: JPEG, PNG, WebP or HEIC."),
        widget=forms.ClearableFileInput({"accept": _PICTURES}),
    )
    licence = LicenceField()

    @classmethod
    def of(cls, drawing: Drawing) -> RenewDrawingForm:
        """The form as it stands for a drawing."""
        return cls(initial={"licence": drawing.licence.value})


class DrawingForm(RenewDrawingForm):
    """A drawing."""

    title = forms.CharField(label=_("Title"), max_length=200)
    title_en = forms.CharField(label=_("Title in English"), max_length=200, required=False)
    field_order = ("title", "title_en", "picture", "licence")

    def draft(self) -> DrawingDraft:
        """What a valid form says, besides the picture."""
        said = self.cleaned_data
        return DrawingDraft(said["title"], said["title_en"], said["licence"])


class ValueForm(forms.Form):
    """What a version of a figure says."""

    value = forms.RegexField(
        r"^[+-]?[0-9]{1,20}(\.[0-9]{1,10})?$",
        label=_("Value"),
        help_text=_("A number, with the digits that you stand for: 5.50 says more than 5.5."),
        max_length=33,
        error_messages={"invalid": _("Please give a number, as in 5.50.")},
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    source = forms.CharField(
        label=_("Where it is from"), help_text=_("A data sheet, a test, your own scale."), max_length=300
    )
    licence = LicenceField()

    @classmethod
    def of(cls, figure: Figure) -> ValueForm:
        """The form as it stands for a figure."""
        said = figure.said
        return cls(
            initial={
                "value": f"{said.value:f}",
                "unit": said.unit,
                "source": said.source,
                "licence": said.licence.value,
            }
        )

    def said(self) -> FigureValue:
        """What a valid form says."""
        said = self.cleaned_data
        return FigureValue(Decimal(said["value"]), said["unit"], said["source"], said["licence"])


class FigureForm(ValueForm):
    """A figure."""

    part = forms.TypedChoiceField(label=_("Of"), required=False, coerce=_optional_id, empty_value=None, choices=())
    kind = forms.TypedChoiceField(
        label=_("What does it say?"),
        choices=lambda: [(kind.value, text()) for kind, text in part_pages.KINDS.items()],
        coerce=FigureKind,
    )
    quantity = forms.CharField(
        label=_("What is measured"), help_text=_("As in mass, tensile strength, battery life."), max_length=100
    )
    quantity_en = forms.CharField(label=_("What is measured, in English"), max_length=100, required=False)
    condition = forms.CharField(
        label=_("When it holds"), help_text=_("A condition, as in “at 20 °C”."), max_length=200, required=False
    )
    condition_en = forms.CharField(label=_("When it holds, in English"), max_length=200, required=False)
    field_order = ("part", "kind", "quantity", "quantity_en", "value", "unit", "condition", "condition_en")

    def __init__(self, *args: Any, tree: Sequence[Part] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = _choices_of_parts(tree, _("the whole"))  # type: ignore[attr-defined]

    def draft(self) -> FigureDraft:
        """What a valid form says."""
        said = self.cleaned_data
        return FigureDraft(
            said["kind"],
            said["quantity"],
            self.said(),
            said["quantity_en"],
            said["condition"],
            said["condition_en"],
            said["part"],
        )
