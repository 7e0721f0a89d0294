"""What the console's forms about the alliance send."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from wuyou.surfaces.ui.rates import PercentField


class RecruiterForm(forms.Form):
    """Who may recruit merchants."""

    handle = forms.CharField(label=_("Name to sign in with"), max_length=40)


class SubsidyForm(forms.Form):
    """What the site adds to commissions."""

    name = forms.CharField(label=_("Name"), max_length=80)
    rate = PercentField(label=_("Of the sale, in %"), most=100)
    cap = forms.DecimalField(label=_("At most a line, in yuan"), min_value=0, decimal_places=2, max_digits=12)
    budget = forms.DecimalField(label=_("Budget in all, in yuan"), min_value=0, decimal_places=2, max_digits=14)
    product = forms.IntegerField(
        label=_("Only for the goods with this number"), min_value=1, max_value=10**15, required=False
    )
    days = forms.IntegerField(label=_("Days that it lasts"), min_value=1, max_value=365, initial=30)


class ActivityForm(forms.Form):
    """A call for goods by the site, which takes no service fee."""

    title = forms.CharField(label=_("Title"), max_length=80)
    brief = forms.CharField(label=_("What you look for"), max_length=2_000, required=False, widget=forms.Textarea)
    least_rate = PercentField(label=_("Lowest rate, in %"))
    enrol_days = forms.IntegerField(label=_("Days to enrol"), min_value=1, max_value=90, initial=7)
    days = forms.IntegerField(label=_("Days that it lasts"), min_value=1, max_value=365, initial=30)
