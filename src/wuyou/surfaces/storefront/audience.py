"""Whom something is open to: the picker that every composer shows, what it sends, and the chip that says it in words.

The picker is one fieldset (`storefront/audience_field.html`) that works without a script. Under its name, `audience`
unless said otherwise, it sends

    audience                who at first: one of `Who`
    audience_to             for `chosen`: any of `followers`, `friends`, `label:7`, `person:7`, `holders:7`
    audience_to_people      for `chosen`: people by their names to sign in with, apart by spaces or commas
    audience_minus          who is left out, in the same words
    audience_minus_people   the same, by name
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.social import queries as social
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Thing
from wuyou.infra import sight
from wuyou.kernel.sight import FOLLOWERS, FRIENDS, ONLY_ME, PUBLIC, Audience, AudienceRule, is_blocked
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.meeting import handle_in, persons_met
from wuyou.surfaces.storefront.viewmodels import people
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.parts import AudienceChip
from wuyou.surfaces.ui.texts import in_language, listed

NAME = "audience"
MAX_NAMES = 100
"""How many people one field may name by their names."""

_NOBODY = Audience()
_ONE = re.compile(r"(label|person|holders):([1-9][0-9]{0,15})")
_APART = re.compile(r"[\s,;，；、]+")
_NAMES_SAID = 2
"""How many labels a chip names; the others are counted."""


class Who(StrEnum):
    """What one chooses first."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    FRIENDS = "friends"
    CHOSEN = "chosen"
    ME = "me"


_SIMPLE: Mapping[Who, AudienceRule] = {
    Who.EVERYONE: PUBLIC,
    Who.FOLLOWERS: FOLLOWERS,
    Who.FRIENDS: FRIENDS,
    Who.ME: ONLY_ME,
}
_TEXTS: Mapping[Who, tuple[object, object, str]] = {
    Who.EVERYONE: (gettext_lazy("Everyone"), gettext_lazy("also people who are not signed in"), "world"),
    Who.FOLLOWERS: (gettext_lazy("Followers"), gettext_lazy("whoever follows you"), "users"),
    Who.FRIENDS: (gettext_lazy("Friends"), gettext_lazy("you have both agreed"), "heart-handshake"),
    Who.CHOSEN: (gettext_lazy("Chosen people"), gettext_lazy("by label, by name, or who has the same"), "users-group"),
    Who.ME: (gettext_lazy("Only me"), gettext_lazy("nobody else"), "lock"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: one of the first question, or some of those who are let in or left out."""

    value: str
    label: str
    note: str = ""
    icon: str = ""
    chosen: bool = False
    person: parts.Person | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Who is let in, or who is left out."""

    name: str
    options: tuple[Option, ...]
    kept: tuple[str, ...]
    """Whom the rule names and who is not to be found any more: they stay named, and nothing is said of them."""


@dataclass(frozen=True, slots=True)
class AudienceField:
    """The picker as a page shows it."""

    name: str
    chip: AudienceChip
    first: tuple[Option, ...]
    to: Side
    minus: Side
    leaves_out: bool
    """Whether somebody is left out now."""


def rule_from(sent: QueryDict, owner_id: int, *, name: str = NAME) -> AudienceRule:
    """The rule that a picker sent; the operation that takes it checks it once more (`social.check_rule`).

    Raises: `FormMalformed` when it is not a picker's, `AudienceEmpty` when nobody was chosen, `NobodyCalled` for a name
    that nobody has or whose owner is not to be found, `things.ThingNotFound`.
    Cost: none for the simple choices; one query for names and those of a viewer; one for things.
    """
    try:
        who = Who(sent.get(name, ""))
    except ValueError as error:
        raise errors.FormMalformed() from error
    if who is Who.ME:
        return ONLY_ME
    to = _side_from(sent, owner_id, f"{name}_to") if who is Who.CHOSEN else _SIMPLE[who].to
    if to == _NOBODY:
        raise errors.AudienceEmpty()
    rule = AudienceRule(to, _side_from(sent, owner_id, f"{name}_minus"))
    holders = rule.to.holders | rule.minus.holders
    # Whether it is there is all that is asked: a rule goes on naming what its owner may no longer know of.
    if holders and things.things_by_id(holders).keys() != holders:
        raise things_errors.ThingNotFound()
    return rule


def people_called(owner_id: int, text: str) -> dict[str, Person | None]:
    """Each name in a text with whom it belongs to; None where that is nobody whom the owner can find.

    Raises: `FormMalformed` for more than `MAX_NAMES`, or what is no text.
    Cost: one query, and those of a viewer when somebody is found.
    """
    handles = {handle_in(name) for name in _APART.split(text)} - {""}
    if len(handles) > MAX_NAMES or not all(map(str.isprintable, handles)):
        raise errors.FormMalformed()
    found = identity.persons_by_handle(handles) if handles else {}
    viewer = sight.get_viewer(owner_id) if found else None
    return {
        handle: None if viewer is None or handle not in found or is_blocked(viewer, found[handle].id) else found[handle]
        for handle in sorted(handles)
    }


def who_of(rule: AudienceRule) -> Who:
    """The first choice under which a rule stands."""
    return next((who for who, simple in _SIMPLE.items() if simple.to == rule.to), Who.CHOSEN)


def chip_of(rule: AudienceRule, labels: Mapping[int, str] | None = None) -> AudienceChip:
    """A rule in a few words; labels by name where their owner's are given. Cost: none."""
    who = who_of(rule)
    text = _list(rule.to, labels or {}) if who is Who.CHOSEN else str(_TEXTS[who][0])
    if rule.minus != _NOBODY and who is not Who.ME:
        text = _("%(who)s, without %(others)s") % {"who": text, "others": _list(rule.minus, labels or {})}
    return AudienceChip(text, _TEXTS[who][2], is_private=who is Who.ME)


def field_of(
    owner_id: int, rule: AudienceRule = ONLY_ME, *, things_offered: Sequence[Thing] = (), name: str = NAME
) -> AudienceField:
    """The picker, standing at a rule.

    Args: things_offered: whose holders may be chosen, besides those that the rule names.
    Cost: one query for labels; one more when the rule names people, and one when it names holders of other things; for
    either, those of a viewer.
    """
    named = rule.to.persons | rule.minus.persons
    offered = {thing.id: thing for thing in things_offered}
    others = (rule.to.holders | rule.minus.holders) - offered.keys()
    viewer = sight.get_viewer(owner_id) if named or others else None
    persons = persons_met(viewer, named) if viewer else {}
    if viewer and others:
        offered |= things.known_by_id(viewer, others)
    labels = {label.id: label.name for label in social.list_labels(owner_id)}

    def side(part: str, of: Audience) -> Side:
        options = [
            Option("followers", str(_TEXTS[Who.FOLLOWERS][0]), icon="users", chosen=of.followers),
            Option("friends", str(_TEXTS[Who.FRIENDS][0]), icon="heart-handshake", chosen=of.friends),
        ]
        for key, label in labels.items():
            options.append(Option(f"label:{key}", label, icon="tag", chosen=key in of.labels))
        for key, thing in offered.items():
            options.append(Option(f"holders:{key}", _who_has(thing), icon="packages", chosen=key in of.holders))
        options += [person_option(persons[key]) for key in sorted(of.persons & persons.keys())]
        kept = [
            *(f"person:{key}" for key in sorted(of.persons - persons.keys())),
            *(f"label:{key}" for key in sorted(of.labels - labels.keys())),
            *(f"holders:{key}" for key in sorted(of.holders - offered.keys())),
        ]
        return Side(f"{name}_{part}", tuple(options), tuple(kept))

    first = who_of(rule)
    return AudienceField(
        name,
        chip_of(rule, labels),
        tuple(Option(who, str(text), str(note), icon, who is first) for who, (text, note, icon) in _TEXTS.items()),
        side("to", rule.to if first is Who.CHOSEN else _NOBODY),
        side("minus", rule.minus),
        rule.minus != _NOBODY,
    )


def person_option(person: Person) -> Option:
    """Somebody who is named, ticked."""
    return Option(
        f"person:{person.id}", person.display_name, f"@{person.handle}", chosen=True, person=people.face(person)
    )


def _side_from(sent: QueryDict, owner_id: int, part: str) -> Audience:
    keys: dict[str, set[int]] = {"label": set(), "person": set(), "holders": set()}
    classes = set()
    for value in sent.getlist(part):
        if value in {Who.FOLLOWERS, Who.FRIENDS}:
            classes.add(value)
        elif one := _ONE.fullmatch(value):
            keys[one[1]].add(int(one[2]))
        else:
            raise errors.FormMalformed()
    for handle, person in people_called(owner_id, sent.get(f"{part}_people", "")).items():
        if person is None:
            raise errors.NobodyCalled(handle=handle[:30])
        keys["person"].add(person.id)
    return Audience(
        followers=Who.FOLLOWERS in classes,
        friends=Who.FRIENDS in classes,
        persons=frozenset(keys["person"] - {owner_id}),
        labels=frozenset(keys["label"]),
        holders=frozenset(keys["holders"]),
    )


def _list(audience: Audience, labels: Mapping[int, str]) -> str:
    """Who belongs, as a list: «Friends, 同学, 2 people»."""
    named = sorted(labels[key] for key in audience.labels if key in labels)[:_NAMES_SAID]
    said = [
        *([str(_TEXTS[Who.EVERYONE][0])] if audience.everyone else []),
        *([str(_TEXTS[Who.FOLLOWERS][0])] if audience.followers else []),
        *([str(_TEXTS[Who.FRIENDS][0])] if audience.friends else []),
        *named,
    ]
    if count := len(audience.labels) - len(named):
        said.append(ngettext("%(n)s label", "%(n)s labels", count) % {"n": count})
    if count := len(audience.persons):
        said.append(ngettext("%(n)s person", "%(n)s people", count) % {"n": count})
    if count := len(audience.holders):
        said.append(ngettext("who has the same", "who has one of %(n)s things", count) % {"n": count})
    if count := len(audience.circles):
        said.append(ngettext("%(n)s circle", "%(n)s circles", count) % {"n": count})
    return listed(said)


def _who_has(thing: Thing) -> str:
    return _("Whoever has “%(thing)s”") % {"thing": in_language(thing.name, thing.name_en)}
