"""What forms say of copies."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wuyou.domains.things.types import Condition, Holding, HoldingState, Words
from wuyou.surfaces.storefront.viewmodels import copies

_APART = re.compile(r"[,，、;；\n]+")
_STATES = (HoldingState.OWN, HoldingState.WANT, HoldingState.HAD)
"""How a copy may stand when it is put here; lending and giving are moves of what is there."""


class WordsForm(forms.Form):
    """What an owner says of a copy."""

    condition = forms.ChoiceField(
        label=_("Condition"),
        required=False,
        choices=[(condition.value, text) for condition, text in copies.CONDITIONS.items()],
    )
    since_on = forms.DateField(
        label=_("With you since"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    rating = forms.TypedChoiceField(
        label=_("Stars"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("None")), *((str(n), "★" * n) for n in range(5, 0, -1))],
    )
    story = forms.CharField(
        label=_("Its story"),
        help_text=_("Where it came from, what it has been through, why it stays."),
        required=False,
        max_length=5_000,
        widget=forms.Textarea({"rows": 5}),
    )
    details = forms.CharField(
        label=_("Details"),
        help_text=_("One a line, as in “Number: 0217 of 2000”."),
        required=False,
        max_length=5_000,
        widget=forms.Textarea({"rows": 2}),
    )
    labels = forms.CharField(
        label=_("Labels"), help_text=_("Only you see them; apart by commas."), required=False, max_length=700
    )

    def __init__(self, *args: Any, latest: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._latest = latest

    @classmethod
    def of(cls, holding: Holding) -> WordsForm:
        """The form as it stands for a copy."""
        return cls(
            initial={
                "condition": holding.condition.value,
                "since_on": holding.since_on,
                "rating": holding.rating,
                "story": holding.story,
                "details": "\n".join(f"{name}: {text}" for name, text in holding.fields),
                "labels": ", ".join(holding.labels),
            }
        )

    def clean_since_on(self) -> date | None:
        """A day that has been."""
        day: date | None = self.cleaned_data["since_on"]
        if day is not None and self._latest is not None and day > self._latest:
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean_details(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a name and a text."""
        pairs = []
        for line in str(self.cleaned_data["details"]).splitlines():
            if line.strip():
                name, colon, text = line.replace("：", ":").partition(":")
                if not (colon and name.strip() and text.strip()):
                    raise forms.ValidationError(_("Please write a name, a colon and a text on each line."))
                pairs.append((name.strip(), text.strip()))
        return tuple(pairs)


class NewCopyForm(WordsForm):
    """A copy to put here."""

    state = forms.ChoiceField(
        label=_("How does it stand?"),
        choices=[(state.value, copies.STATES[state][0]) for state in _STATES],
        initial="OWN",
    )


class NewThingForm(forms.Form):
    """A thing that nobody has put here yet."""

    name = forms.CharField(label=_("What is it?"), max_length=200)
    brand = forms.CharField(
        label=_("Who made it?"), help_text=_("A brand, an author, a maker."), max_length=200, required=False
    )


def words_of(form: WordsForm) -> Words:
    """What a form that is valid says."""
    said = form.cleaned_data
    return Words(Condition(said["condition"]), said["since_on"], said["story"], said["rating"], tuple(said["details"]))


def labels_in(text: str) -> list[str]:
    """Labels that were written one after the other, each once."""
    return list(dict.fromkeys(name for part in _APART.split(text) if (name := part.strip())))
