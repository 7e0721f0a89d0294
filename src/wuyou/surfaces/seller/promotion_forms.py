"""What the workbench's forms about commissions send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wuyou.domains.alliance.types import Collaboration, FirstPieces
from wuyou.domains.catalog.types import Product
from wuyou.kernel.clock import end_of_day
from wuyou.surfaces.ui.rates import PercentField
from wuyou.surfaces.ui.texts import in_language


def _choices_of(products: Iterable[Product]) -> list[tuple[str, str]]:
    return [(str(product.id), in_language(product.title, product.title_en)) for product in products]


class _FirstFields(forms.Form):
    first_rate = PercentField(label=gettext_lazy("Rate for the first pieces, in %"), required=False)
    first_count = forms.IntegerField(
        label=gettext_lazy("How many pieces"), min_value=1, max_value=10**9, required=False
    )

    def first(self) -> FirstPieces | None:
        """The higher rate of the first pieces, when both are said."""
        rate_bps, count = self.cleaned_data["first_rate"], self.cleaned_data["first_count"]
        return FirstPieces(rate_bps, count) if rate_bps and count else None


class PlanForm(_FirstFields):
    """A plan: for what, for whom, how much, and for how long."""

    product = forms.ChoiceField(label=gettext_lazy("For"), required=False)
    collaboration = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)
    rate = PercentField(
        label=gettext_lazy("Rate, in %"),
        help_text=gettext_lazy("Of what the buyer pays, without shipping. 0 takes the goods out."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days that it lasts"), min_value=1, max_value=730, required=False,
        help_text=gettext_lazy("Empty: until you set another. When it ends, what was before holds again."),
    )  # fmt: skip
    locked_days = forms.IntegerField(
        label=gettext_lazy("Days for which you promise not to pay less"), min_value=1, max_value=730, required=False
    )
    field_order = ("product", "collaboration", "rate", "days", "locked_days", "first_rate", "first_count")

    def __init__(
        self, data: object = None, *, products: Iterable[Product], collaborations: Iterable[Collaboration]
    ) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["product"].choices = [("", _("Everything in the shop")), *_choices_of(products)]  # type: ignore[attr-defined]
        self.fields["collaboration"].choices = [  # type: ignore[attr-defined]
            ("", _("Everybody")),
            *((str(one.id), one.name) for one in collaborations if one.closed_at is None),
        ]

    def end_of(self, name: str, now: datetime) -> datetime | None:
        """The end of a day of the business calendar, so many days from now; None when it is not said."""
        days = self.cleaned_data[name]
        return None if days is None else end_of_day(now, days=days)


class CollaborationForm(forms.Form):
    """A circle of publishers."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    terms = forms.CharField(
        label=gettext_lazy("What you ask for"), max_length=2_000, required=False, widget=forms.Textarea
    )
    takes_applications = forms.BooleanField(label=gettext_lazy("Anybody may apply"), required=False, initial=True)


class LibraryForm(forms.Form):
    """Goods for one publisher alone."""

    handle = forms.CharField(label=gettext_lazy("For whom (name to sign in with)"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    goods = forms.MultipleChoiceField(label=gettext_lazy("Goods"), widget=forms.CheckboxSelectMultiple)
    rate = PercentField(label=gettext_lazy("Rate, in %"))
    days = forms.IntegerField(
        label=gettext_lazy("Days that it lasts"), min_value=1, max_value=730, required=False,
        help_text=gettext_lazy("Empty: until you set another."),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("A word to them"), max_length=2_000, required=False, widget=forms.Textarea
    )

    def __init__(self, data: object = None, *, products: Iterable[Product], handle: str = "") -> None:
        super().__init__(data, initial={"handle": handle})  # type: ignore[arg-type]
        self.fields["goods"].choices = _choices_of(products)  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    """Somebody to invite."""

    handle = forms.CharField(label=gettext_lazy("Name to sign in with"), max_length=40)
    words = forms.CharField(label=gettext_lazy("A word to them"), max_length=2_000, required=False)


class EnrolForm(_FirstFields):
    """Goods for an activity."""

    product = forms.ChoiceField(label=gettext_lazy("Goods"))
    rate = PercentField(label=gettext_lazy("Rate, in %"))
    field_order = ("product", "rate", "first_rate", "first_count")

    def __init__(self, data: object = None, *, products: Iterable[Product]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["product"].choices = _choices_of(products)  # type: ignore[attr-defined]
