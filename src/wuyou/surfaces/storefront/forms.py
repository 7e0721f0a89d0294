"""What forms may say. Everything that is not clearly right is refused here, before any domain is asked."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from wuyou.domains.identity.types import Contact
from wuyou.domains.orders.types import LineDraft
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.accounts.adapter import contact_or_refuse
from wuyou.surfaces.storefront.accounts.forms import MAX_PASSWORD, contact_field, old_password_field
from wuyou.surfaces.ui import pictures
from wuyou.surfaces.ui.parsing import MAX_ID, read_id

ALONE, TEAM, CART = "alone", "team", "cart"
MAX_PIECES = 999
MAX_VOUCHERS = 50
MAX_HANDLE = 60
MAX_AMOUNT_MINOR = 10**15


@dataclass(frozen=True, slots=True)
class Purchase:
    """What somebody wants to buy: one line of their choice, or the cart's lines of one shop."""

    way: str
    line: LineDraft | None
    team_token: str
    shop_id: int | None
    expected_minor: int | None
    """What the page said that it costs."""
    accepts_reroute: bool
    voucher_ids: tuple[int, ...] | None
    """The vouchers that were chosen; None before anybody chose."""


class BuyForm(forms.Form):
    """The choice on a product's page."""

    variant = forms.IntegerField(min_value=1, max_value=MAX_ID)
    quantity = forms.IntegerField(min_value=1, max_value=MAX_PIECES, label=_("Quantity"))
    way = forms.ChoiceField(choices=[(way, way) for way in (ALONE, TEAM, CART)])


class PurchaseForm(forms.Form):
    """The review before an order, from an address or from the form that places it."""

    way = forms.ChoiceField(choices=[(way, way) for way in (ALONE, TEAM, CART)])
    variant = forms.IntegerField(min_value=1, max_value=MAX_ID, required=False)
    quantity = forms.IntegerField(min_value=1, max_value=MAX_PIECES, required=False)
    team = forms.SlugField(max_length=32, required=False)
    shop = forms.IntegerField(min_value=1, max_value=MAX_ID, required=False)
    total = forms.IntegerField(min_value=1, max_value=MAX_AMOUNT_MINOR, required=False)
    accepts_reroute = forms.BooleanField(required=False)
    chosen = forms.BooleanField(required=False)
    """The vouchers that come along, none or more, were chosen."""

    def purchase(self) -> Purchase:
        """What is wanted. Raises `FormMalformed`."""
        if not self.is_valid():
            raise errors.FormMalformed()
        said = self.cleaned_data
        line = LineDraft(said["variant"], said["quantity"] or 1) if said["variant"] else None
        is_whole = said["shop"] is not None if said["way"] == CART else line is not None
        if not is_whole or (said["team"] and said["way"] != TEAM):
            raise errors.FormMalformed()
        return Purchase(
            said["way"], line, said["team"], said["shop"], said["total"], said["accepts_reroute"], self._vouchers()
        )

    def _vouchers(self) -> tuple[int, ...] | None:
        if not self.cleaned_data["chosen"]:
            return None
        said = dict.fromkeys(self.data.getlist("voucher"))  # type: ignore[attr-defined]
        if len(said) > MAX_VOUCHERS:
            raise errors.FormMalformed()
        return tuple(read_id(text) for text in said)


class CartForm(forms.Form):
    """How many of a variant the cart should hold; 0 takes it out."""

    variant = forms.IntegerField(min_value=1, max_value=MAX_ID)
    quantity = forms.IntegerField(min_value=0, max_value=MAX_PIECES)


class SearchForm(forms.Form):
    """What somebody looks for, or pastes."""

    q = forms.CharField(max_length=400, required=False, strip=True)


class SignInForm(forms.Form):
    """A name and a password."""

    handle = forms.CharField(
        label=_("Name, e-mail or phone"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "username webauthn", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = old_password_field()

    def clean_handle(self) -> str:
        """A name that somebody can have. Raises Django's `ValidationError`."""
        name = str(self.cleaned_data["handle"])
        if len(name) > MAX_HANDLE and "@" not in name:
            raise forms.ValidationError(_("This is not a name to sign in with."))
        return name


class SignUpForm(forms.Form):
    """Somebody new."""

    display_name = forms.CharField(
        label=_("What friends call you"), max_length=40, widget=forms.TextInput({"autocomplete": "nickname"})
    )
    handle = forms.CharField(
        label=_("Name to sign in with"),
        help_text=_("3 to 30 lower-case letters, digits or underscores, beginning with a letter."),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    contact = contact_field(
        required=False, help_text=_("You get codes there, also when you forget your password. Nobody else sees it.")
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters. With an e-mail or phone you may do without."),
        max_length=MAX_PASSWORD,
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    avatar = forms.ChoiceField(label=_("Your face"), choices=[(face, face) for face in pictures.FACES], initial="cat")

    def clean_contact(self) -> Contact | None:
        """A contact that can be reached, or none. Raises Django's `ValidationError`."""
        said = self.cleaned_data["contact"]
        return contact_or_refuse(said) if said else None


class LeaveForm(forms.Form):
    """Somebody wants to be erased, and is who they say."""

    password = forms.CharField(
        label=_("Your password once more"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    is_sure = forms.BooleanField(label=_("I know that this cannot be taken back afterwards"))

    def without_password(self) -> None:
        """Who has no password has proven by other means who they are."""
        del self.fields["password"]


class ReviewForm(forms.Form):
    """What somebody says of a thing; its pictures and whom it is open to come beside it."""

    rating = forms.ChoiceField(
        label=_("Stars"), required=False, choices=[("", _("none")), *((str(n), str(n)) for n in range(1, 6))]
    )
    text = forms.CharField(
        label=_("What is it like?"),
        help_text=_("What you love, what you would want to have known, how it has aged."),
        max_length=5_000,
        widget=forms.Textarea({"rows": 6}),
    )
    shows_proof = forms.BooleanField(label=_("Say that I have or had it, when my shelf proves it"), required=False)
