"""People: joining, tokens for programs, and what one may know of oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from django.contrib.auth import authenticate
from ninja import Header, Query, Router
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.identity import errors, operations, queries
from wuyou.domains.identity.types import Person
from wuyou.domains.social import operations as social_operations
from wuyou.infra import db
from wuyou.kernel.money import Currency
from wuyou.surfaces.api.amounts import Amount, amount_of
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.problems import DOCUMENTED, HttpRefusal
from wuyou.surfaces.api.scalars import ONE_LINE, CurrencyCode, Draft, one_of
from wuyou.surfaces.ui import second_factors
from wuyou.surfaces.ui.pictures import FACES

router = Router(tags=["people"])

Handle = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=ONE_LINE), Field(examples=["xiaolin"])]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Face = Annotated[str, AfterValidator(one_of(FACES)), Field(json_schema_extra={"enum": list(FACES)})]


class PersonDraft(Draft):
    """Who joins."""

    handle: Handle
    """A name to sign in with: 3 to 30 letters, digits and underscores, a letter first. Letters are lowered."""
    display_name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=ONE_LINE)]
    """The name that others see, 1 to 40 characters."""
    password: Annotated[Password, Field(examples=["correct horse battery"])]
    """At least 10 characters, and none of the common ones."""
    avatar: Face = "cat"
    """Name of a picture in the interface's set."""


class Credentials(Draft):
    """What proves who somebody is."""

    handle: Handle
    password: Annotated[Password, Field(examples=["correct horse battery"])]
    code: Annotated[str, StringConstraints(max_length=40, pattern=ONE_LINE)] = ""
    """A code of your app or a recovery code, when your account asks for a second factor."""
    label: Annotated[str, StringConstraints(max_length=60, pattern=ONE_LINE)] = ""
    """What the token is for; only you read it."""


class EarningsQuery(BaseModel):
    """In which books to look."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    currency: CurrencyCode = "CNY"
    """ISO 4217."""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person as others see them."""

    __pydantic_config__ = DOCUMENTED

    id: int
    handle: str
    display_name: str
    avatar: str
    """Name of a picture in the interface's set."""


@dataclass(frozen=True, slots=True)
class OwnShop:
    """A shop of yours."""

    id: int
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Me:
    """You."""

    __pydantic_config__ = DOCUMENTED

    person: PersonPage
    is_staff: bool
    shops: tuple[OwnShop, ...]
    """The shops that you own."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that acts for you until it is revoked."""

    __pydantic_config__ = DOCUMENTED

    token: str
    """Shown only now: keep it secret, and send it as `Authorization: Bearer …`."""
    token_type: Literal["Bearer"]


@dataclass(frozen=True, slots=True)
class EarningsPage:
    """What you have coming and have had from links, over all roles."""

    __pydantic_config__ = DOCUMENTED

    estimated: Amount
    """Of paid orders that are not received yet."""
    confirmed: Amount
    """Of received orders whose return window runs."""
    settled: Amount
    """Booked at settlement, in all."""
    reversed: Amount
    """Taken back by refunds after settlement, in all."""
    paid_out: Amount
    balance: Amount
    """In the books now; negative when more was taken back than was left after payouts."""


@operation(
    router,
    "POST",
    "/people",
    entry=Entry.READ,
    who=Who.ANYONE,
    status=201,
    refuses=[errors.HandleMalformed, errors.NameMalformed, errors.PasswordTooWeak, errors.HandleTaken, *SCREENED],
)
def sign_up(call: Call, body: PersonDraft) -> PersonPage:
    """Join."""
    # Hashing takes long on purpose, so no transaction is open then.
    password_hash = operations.hash_password(body.password)

    def entry() -> Person:
        person = operations.register(
            handle=body.handle,
            display_name=body.display_name,
            password_hash=password_hash,
            avatar=body.avatar,
            now=call.now,
        )
        social_operations.screen_newcomer(person_id=person.id, now=call.now)
        return person

    return _person(db.in_transaction(entry))


@operation(
    router,
    "POST",
    "/tokens",
    entry=Entry.READ,
    who=Who.ANYONE,
    status=201,
    refuses=[
        "surface.sign_in_failed",
        errors.TooManySignIns,
        errors.SecondFactorNeeded,
        errors.CodeWrong,
        errors.TooManyCodeTries,
    ],
)
def issue_token(call: Call, body: Credentials) -> NewToken:
    """Make a token with your handle and password, and a code where the account asks for a second factor.

    After ten wrong tries in a row nobody gets one for a while.
    """
    name, label = body.handle.strip().lower(), body.label or "api"
    # Whatever name of theirs is sent, tries count against one person.
    handle = queries.find_handle_by_name(name) or name
    db.in_transaction(lambda: operations.count_sign_in(handle=handle, address=call.address, now=call.now))
    # Comparing passwords takes long on purpose, so no transaction is open then.
    user = authenticate(None, username=handle, password=body.password)
    if user is None:
        raise HttpRefusal("surface.sign_in_failed")
    second_factors.prove(user, body.code)
    user_id = int(user.pk)

    def entry() -> str:
        operations.come_back(person_id=user_id)
        operations.forget_sign_ins(handle=handle, address=call.address)
        return operations.issue_access_token(user_id=user_id, label=label, now=call.now)

    return NewToken(db.in_transaction(entry), "Bearer")


@operation(router, "DELETE", "/tokens/current", entry=Entry.WRITE, who=Who.TOKEN, status=204)
def revoke_token(call: Call, authorization: Annotated[str, Header(include_in_schema=False)]) -> None:
    """Make the token of this request useless."""
    operations.revoke_own_token(token=authorization.partition(" ")[2], now=call.now)


@operation(router, "GET", "/me", entry=Entry.READ)
def show_me(call: Call) -> Me:
    """Show who you are."""
    person = queries.get_person(call.actor.person_id)
    shops = catalog.list_shops_of(person.id)
    return Me(_person(person), person.is_staff, tuple(OwnShop(shop.id, shop.name, shop.name_en) for shop in shops))


@operation(router, "GET", "/me/earnings", entry=Entry.READ)
def show_earnings(call: Call, query: Query[EarningsQuery]) -> EarningsPage:
    """Show what you have coming and have had from links."""
    earnings = alliance.earnings_of(call.actor.person_id, currency=Currency(query.currency))
    return EarningsPage(
        amount_of(earnings.estimated),
        amount_of(earnings.confirmed),
        amount_of(earnings.settled),
        amount_of(earnings.reversed),
        amount_of(earnings.paid_out),
        amount_of(earnings.balance),
    )


def _person(person: Person) -> PersonPage:
    return PersonPage(person.id, person.handle, person.display_name, person.avatar)
