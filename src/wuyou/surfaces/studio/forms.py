"""What the studio's forms send."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from wuyou.kernel.clock import end_of_day
from wuyou.surfaces.ui.rates import PercentField


class SlotForm(forms.Form):
    """A place for links, shared or not."""

    name = forms.CharField(label=_("Name"), max_length=40)
    third = forms.CharField(label=_("Shared with (name to sign in with)"), max_length=40, required=False)
    share = PercentField(label=_("Their share of what you earn, in %"), most=99, required=False)


class ActivityForm(forms.Form):
    """A call for goods."""

    title = forms.CharField(label=_("Title"), max_length=80)
    brief = forms.CharField(label=_("What you look for"), max_length=2_000, required=False, widget=forms.Textarea)
    only = forms.CharField(
        label=_("Only for (name to sign in with)"), max_length=40, required=False,
        help_text=_("Goods for one publisher alone. Empty: for everybody."),
    )  # fmt: skip
    least_rate = PercentField(label=_("Lowest rate, in %"))
    service = PercentField(label=_("Your service fee on top, in %"), required=False)
    enrol_days = forms.IntegerField(label=_("Days to enrol"), min_value=1, max_value=90, initial=7)
    days = forms.IntegerField(label=_("Days that it lasts"), min_value=1, max_value=365, initial=30)

    def period(self, now: datetime) -> tuple[datetime, datetime]:
        """Until when goods are enrolled, and until when the activity lasts: ends of days of the business calendar."""
        enrols, lasts = (end_of_day(now, days=self.cleaned_data[name]) for name in ("enrol_days", "days"))
        return enrols, max(enrols, lasts)
