"""The form that opens a coupon or a red packet; surfaces leave out what is not theirs to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wuyou.domains.catalog.types import Product
from wuyou.domains.promotions.errors import PromotionMalformed
from wuyou.domains.promotions.types import Funder, Layer, PromotionDraft, PromotionKind
from wuyou.kernel.clock import end_of_day
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency
from wuyou.surfaces.ui import promotions
from wuyou.surfaces.ui.errors import text_of
from wuyou.surfaces.ui.rates import PercentField
from wuyou.surfaces.ui.texts import in_language


def _amount(label: object, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=Decimal("0.01"), decimal_places=2, max_digits=9, **more)  # type: ignore[arg-type]


class PromotionForm(forms.Form):
    """A promotion in yuan and days."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=40)
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[
            (PromotionKind.COUPON.value, gettext_lazy("A coupon: you sell for less")),
            (PromotionKind.PACKET.value, gettext_lazy("A red packet: all of its money is set aside now")),
        ],
        initial=PromotionKind.COUPON.value,
    )
    product = forms.ChoiceField(label=gettext_lazy("For which goods"), required=False)
    off = _amount(gettext_lazy("Takes off, in yuan"), required=False)
    rate = PercentField(
        label=gettext_lazy("Or a rate, in %"), required=False, help_text=gettext_lazy("Of what the goods still cost.")
    )
    cap = _amount(gettext_lazy("A rate takes off at most, in yuan"), required=False)
    threshold = forms.DecimalField(
        label=gettext_lazy("From a price of, in yuan"),
        help_text=gettext_lazy("Before anything is taken off. Empty: just above what it takes off."),
        min_value=0,
        decimal_places=2,
        max_digits=12,
        required=False,
    )
    count = forms.IntegerField(label=gettext_lazy("How many there are"), min_value=1, max_value=10**6, required=False)
    per_person = forms.IntegerField(
        label=gettext_lazy("How many a person may have"), min_value=1, max_value=100, initial=1
    )
    budget = _amount(gettext_lazy("Takes off in all at most, in yuan"), required=False)
    days = forms.IntegerField(label=gettext_lazy("Days that it is claimed"), min_value=1, max_value=365, initial=30)
    use_days = forms.IntegerField(
        label=gettext_lazy("Days that one may be used"),
        help_text=gettext_lazy("Empty: as long as it is claimed."),
        min_value=1,
        max_value=90,
        required=False,
    )
    combines = forms.MultipleChoiceField(
        label=gettext_lazy("May be used together with"),
        choices=[(layer.value, promotions.LAYERS[layer]) for layer in Layer],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    for_teams = forms.BooleanField(label=gettext_lazy("Also at the team price"), required=False)
    channel = forms.CharField(
        label=gettext_lazy("Only for who comes by the links of"),
        help_text=gettext_lazy("A publisher's name to sign in with. Empty: for everybody."),
        max_length=40,
        required=False,
    )
    has_code = forms.BooleanField(label=gettext_lazy("Can be claimed with a code"), required=False)

    def __init__(
        self,
        data: object = None,
        *,
        products: Iterable[Product],
        without: Sequence[str] = (),
        for_all: object = gettext_lazy("Everything in the shop"),
    ) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        for name in without:
            del self.fields[name]
        choices = [(str(product.id), in_language(product.title, product.title_en)) for product in products]
        if "product" in self.fields:
            self.fields["product"].choices = [("", for_all), *choices] if for_all else choices  # type: ignore[attr-defined]
            self.fields["product"].required = not for_all

    def draft(
        self,
        now: datetime,
        *,
        funder: Funder,
        kind: PromotionKind | None = None,
        shop_id: int | None = None,
        publisher_id: int | None = None,
    ) -> PromotionDraft:
        """What was said, as the domain takes it; what is out of range is refused there."""
        said = self.cleaned_data
        off_minor, cap_minor = _minor(said.get("off")), _minor(said.get("cap"))
        threshold = said.get("threshold")
        return PromotionDraft(
            kind=kind or PromotionKind(said["kind"]),
            funder=funder,
            name=said["name"],
            currency=Currency.CNY,
            from_=now,
            until=end_of_day(now, days=said["days"]),
            shop_id=shop_id,
            product_id=int(said["product"]) if said.get("product") else None,
            publisher_id=publisher_id,
            off_minor=off_minor,
            off_bps=said.get("rate") or None,
            cap_minor=cap_minor,
            threshold_minor=(off_minor or 0) + (1 if off_minor else 0) if threshold is None else int(threshold * 100),
            total_count=said["count"],
            per_person=said["per_person"],
            budget_minor=_minor(said.get("budget")),
            use_within=timedelta(days=said["use_days"]) if said["use_days"] else None,
            combines=frozenset(Layer(each) for each in said["combines"]),
            for_teams=said["for_teams"],
            has_code=said.get("has_code", False),
        )


FIELDS: dict[str, object] = {
    "name": gettext_lazy("the name"),
    "off_minor": gettext_lazy("what it takes off: an amount or a rate, and for a red packet an amount"),
    "off_bps": gettext_lazy("the rate"),
    "cap_minor": gettext_lazy("the most that a rate takes off; an amount has none"),
    "threshold_minor": gettext_lazy("the price from which it holds, which is above what it takes off"),
    "total_count": gettext_lazy("how many there are; a red packet needs a number"),
    "budget_minor": gettext_lazy("what it takes off in all; a red packet has its own"),
    "per_person": gettext_lazy("how many a person may have"),
}


def field_in_words(field: str) -> str:
    """What of a promotion was wrong."""
    return str(FIELDS.get(field, _("its terms")))


def _minor(amount: Decimal | None) -> int | None:
    return int(amount * 100) if amount else None


def refusal_of(refused: DomainError) -> str:
    """Why a promotion was refused, with the words of the form."""
    if isinstance(refused, PromotionMalformed):
        return _("Please look again at %(field)s.") % {"field": field_in_words(str(refused.facts["field"]))}
    return text_of(refused)
