"""The editors' pages: channels with their rules, a preview before one is saved, posts placed by hand, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.channels import operations, queries
from wuyou.domains.channels.types import Channel, ChannelText, Hand, HandKind, Rule, RuleVersion, Standing, Verdict
from wuyou.domains.content import queries as content
from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.things import queries as things
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import make_viewer
from wuyou.surfaces.staff import channel_forms as forms
from wuyou.surfaces.staff.access import actor_of, editors_only, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import in_language, person_part, show
from wuyou.surfaces.ui import channels as words
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage

_TITLE_SHOWN = 60
_STRANGER = make_viewer(None)


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post by what it is called, with how a rule stands to it."""

    id: int
    title: str
    href: str
    verdict: parts.Chip
    quality: int
    quality_parts: tuple[tuple[str, int], ...]
    checks: tuple[tuple[bool, str, str], ...]
    """Whether each condition holds, what it asks, and by what."""


@dataclass(frozen=True, slots=True)
class HandLine:
    """One hand placement."""

    post_id: int
    title: str
    href: str
    what: parts.Chip
    reason: str
    hand: Hand
    by: parts.Person | str


# ---------------------------------------------------------------- all of them


@editors_only
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel, open or not, in its order."""
    listed = queries.list_all()
    view = ListPage(
        _("Channels"),
        _("What readers find under the search: each takes posts by a rule, and an editor's hand has the last word."),
        parts.Table(
            _("Channels"),
            (
                parts.Column(_("Channel")),
                parts.Column(_("Address")),
                parts.Column(_("State")),
                parts.Column(_("Rule"), numeric=True),
                parts.Column(_("Place"), numeric=True),
            ),
            tuple(
                parts.Row(
                    (
                        words.name_of(channel),
                        f"/channels/{channel.slug}",
                        _state(channel),
                        channel.version,
                        channel.text.position,
                    ),
                    reverse("staff:channel", args=[channel.id]),
                )
                for channel in listed
            ),
        ),
        parts.Empty(_("No channels yet"), _("Define the first one, and look at what its rule would take."), "books"),
        actions=(
            parts.Action(_("New channel"), reverse("staff:new-channel"), "primary", "plus"),
            parts.Action(_("Where is a post?"), reverse("staff:channel-post"), "secondary", "search"),
            *(
                (parts.Action(_("Editors"), reverse("staff:channel-editors"), "secondary", "users"),)
                if request.user.is_staff
                else ()
            ),
        ),
    )
    return show(request, "list", "channels", view=view)


@editors_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_channel(request: HttpRequest) -> HttpResponse:
    """Define a channel; what its rule would take is shown first, if one likes."""
    if request.method != "POST":
        return _form(request, None, ChannelText("", "", ""), Rule())
    text, rule, now = forms.text_from(request.POST), Rule(), utc_now()
    try:
        rule = forms.rule_from(request.POST)
        if request.POST.get("do") == "preview":
            return _form(request, None, text, rule, previewed=queries.preview(rule, now=now))
        made: list[int] = []
        handle_once(
            request,
            lambda: made.append(operations.make_channel(actor=actor_of(request), text=text, rule=rule, now=now)),
            now,
        )
    except DomainError as refused:
        return _form(request, None, text, rule, refused)
    messages.success(request, _("The channel is defined. Open it when it is ready."))
    address = reverse("staff:channel", args=made) if made else reverse("staff:channels")
    return HttpResponseRedirect(address)


# ---------------------------------------------------------------- one


@editors_only
@require_safe
def channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """A channel with its rule, its hand placements, its log and the rules it had."""
    found = queries.get_channel(channel_id)
    return _form(request, found, found.text, found.rule)


@editors_only
@require_POST
def describe_channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Call it otherwise, or put it elsewhere."""
    found, text = queries.get_channel(channel_id), forms.text_from(request.POST)
    return _written(
        request,
        found,
        lambda: operations.describe_channel(actor=actor_of(request), channel_id=channel_id, text=text),
        _("It is shown so from now on."),
        text=text,
    )


@editors_only
@require_POST
def open_channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Let readers find it, or no longer."""
    found, opens = queries.get_channel(channel_id), request.POST.get("open") == "yes"
    act = operations.open_channel if opens else operations.close_channel
    return _written(
        request,
        found,
        lambda: act(actor=actor_of(request), channel_id=channel_id),
        _("Readers find it from now on.") if opens else _("Nobody finds it any more."),
    )


@editors_only
@require_POST
def save_rule(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Save another rule, or look at what it would take."""
    found, rule, now = queries.get_channel(channel_id), Rule(), utc_now()
    try:
        rule = forms.rule_from(request.POST)
        if request.POST.get("do") == "preview":
            return _form(request, found, found.text, rule, previewed=queries.preview(rule, now=now))
    except DomainError as refused:
        return _form(request, found, found.text, rule, refused)
    version = forms.version_from(request.POST)
    return _written(
        request,
        found,
        lambda: operations.save_rule(
            actor=actor_of(request), channel_id=channel_id, rule=rule, version=version, now=now
        ),
        _("The rule holds from now on; older posts are judged by it in the next minutes."),
        rule=rule,
    )


@editors_only
@require_POST
def place_post(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Pin a post, put it in, keep it out, or let the rule decide again."""
    found, now, sent = queries.get_channel(channel_id), utc_now(), request.POST
    what = sent.get("what", "")

    def act() -> None:
        actor, post_id = actor_of(request), forms.post_from(sent.get("post", ""))
        if what == "GO":
            operations.let_go(actor=actor, channel_id=channel_id, post_id=post_id, now=now)
            return
        how: dict[str, Any] = {
            "actor": actor,
            "channel_id": channel_id,
            "post_id": post_id,
            "reason": sent.get("reason", ""),
            "until": forms.until_from(sent, now),
            "now": now,
        }
        if what == HandKind.PIN.value:
            operations.pin_post(place=forms.place_from(sent), **how)
        elif what == HandKind.IN.value:
            operations.put_in(**how)
        else:
            operations.keep_out(**how)

    return _written(request, found, act, _("So it stands from now on."))


# ---------------------------------------------------------------- one post, and who edits


@editors_only
@require_safe
def post(request: HttpRequest) -> HttpResponse:
    """Where a post is, and why and why not, in every channel."""
    asked = request.GET.get("post", "").strip()[:200]
    now, post_id = utc_now(), 0
    standings: tuple[Standing, ...] = ()
    titles: dict[int, str] = {}
    refused = None
    if asked:
        try:
            post_id = forms.post_from(asked)
            standings, titles = queries.where_is(post_id, now=now), _titles([post_id])
        except DomainError as error:
            refused = error
    names = _thing_names([one.verdict for one in standings])
    return show(
        request,
        "channel_post",
        "channel-post",
        ui_errors.status_of(refused) if refused else 200,
        asked=asked,
        post_id=post_id if standings else 0,
        title=titles.get(post_id, ""),
        href=reverse("storefront:post", args=[post_id]) if standings else "",
        standings=tuple(
            {
                "channel": words.name_of(one.channel),
                "href": reverse("staff:channel", args=[one.channel.id]),
                "place_href": reverse("staff:place-post", args=[one.channel.id]),
                "id": one.channel.id,
                "state": _state(one.channel),
                "is_placed": parts.Chip(_("there"), "jade", "check") if one.is_placed else parts.Chip(_("not there")),
                "hand": one.hand,
                "hand_word": str(words.HANDS[one.hand.kind]) if one.hand else "",
                "line": _line(one.verdict, titles, names),
            }
            for one in standings
        ),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def editors(request: HttpRequest) -> HttpResponse:
    """Who is an editor; staff make one, and end it."""
    refused = None
    if request.method == "POST":
        now, sent = utc_now(), request.POST

        def act() -> None:
            if number := sent.get("dismiss", ""):
                who = int(number[:18]) if number.isascii() and number.isdecimal() else 0
                operations.dismiss_editor(actor=actor_of(request), person_id=who)
                return
            person = identity.find_person(sent.get("handle", "").strip().removeprefix("@")[:64])
            operations.appoint_editor(actor=actor_of(request), person_id=person.id if person else 0, now=now)

        try:
            handle_once(request, act, now)
            messages.success(request, _("So it is from now on."))
            return HttpResponseRedirect(reverse("staff:channel-editors"))
        except DomainError as error:
            refused = error
    ids = queries.list_editors()
    persons = identity.persons_by_id(ids)
    return show(
        request,
        "channel_editors",
        "channel-editors",
        ui_errors.status_of(refused) if refused else 200,
        editors=tuple(person_part(persons[one], f"@{persons[one].handle}") for one in ids if one in persons),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )


# ---------------------------------------------------------------- what is shown


def _written(
    request: HttpRequest,
    found: Channel,
    act: Callable[[], object],
    said: str,
    *,
    text: ChannelText | None = None,
    rule: Rule | None = None,
) -> HttpResponse:
    try:
        handle_once(request, act, utc_now())
    except DomainError as refused:
        return _form(request, found, text or found.text, rule or found.rule, refused)
    messages.success(request, said)
    return HttpResponseRedirect(_back(request, found))


def _back(request: HttpRequest, found: Channel) -> str:
    """The page of the channel, or of the post from which the form was sent."""
    number = request.POST.get("back", "")
    if number.isascii() and number.isdecimal() and len(number) <= 18:
        return f"{reverse('staff:channel-post')}?post={number}"
    return reverse("staff:channel", args=[found.id])


def _form(
    request: HttpRequest,
    found: Channel | None,
    text: ChannelText,
    rule: Rule,
    refused: DomainError | None = None,
    *,
    previewed: Sequence[Verdict] | None = None,
) -> HttpResponse:
    now, trail = utc_now(), lists.trail_of(request)
    hands = queries.list_hands(found.id, now=now) if found else ()
    log = queries.list_log(found.id, cursor=trail.cursor) if found else None
    versions = queries.list_rules(found.id) if found else ()
    verdicts = previewed or ()
    titles = _titles([one.post_id for one in verdicts] + [one.post_id for one in (*hands, *(log.items if log else ()))])
    people = identity.persons_by_id(
        {hand.placed_by for hand in (*hands, *(log.items if log else ()))} | {one.saved_by for one in versions}
    )
    names = _thing_names(verdicts)
    lines = [_line(one, titles, names) for one in verdicts]
    return show(
        request,
        "channel",
        "channels",
        ui_errors.status_of(refused) if refused else 200,
        found=found,
        title=words.name_of(found) if found else _("New channel"),
        state=_state(found) if found else None,
        public_href=reverse("storefront:channel", args=[found.slug]) if found and found.is_open else "",
        text_fields=forms.text_fields(text),
        picture_options=forms.picture_options(text.picture),
        rule=forms.fields_of(rule),
        version=forms.version_from(request.POST) if "version" in request.POST else found.version if found else 0,
        previewed=previewed is not None,
        taken=tuple(line for line, one in zip(lines, verdicts, strict=True) if one.holds),
        left=tuple(line for line, one in zip(lines, verdicts, strict=True) if not one.holds),
        hands=tuple(_hand(hand, titles, people) for hand in hands),
        log=tuple(_hand(hand, titles, people) for hand in log.items) if log else (),
        log_paging=lists.paging(request, trail, log.next_cursor) if log else None,
        versions=tuple(_version(one, people) for one in versions),
        hand_kinds=tuple((kind.value, str(label)) for kind, label in words.HANDS.items()),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )


def _state(channel: Channel) -> parts.Chip:
    return parts.Chip(_("Open"), "jade") if channel.is_open else parts.Chip(_("Closed"))


def _titles(post_ids: Sequence[int]) -> dict[int, str]:
    """What posts are called that are open to everyone; others stay numbers."""
    posts = content.posts_by_id(_STRANGER, post_ids)
    return {key: (post.title or " ".join(post.plain.split()))[:_TITLE_SHOWN] for key, post in posts.items()}


def _thing_names(verdicts: Sequence[Verdict]) -> dict[int, str]:
    named = words.things_named(check for verdict in verdicts for check in verdict.checks)
    known = things.known_by_id(_STRANGER, named) if named else {}
    return {key: in_language(thing.name, thing.name_en) for key, thing in known.items()}


def _line(verdict: Verdict, titles: dict[int, str], names: dict[int, str]) -> PostLine:
    return PostLine(
        verdict.post_id,
        titles.get(verdict.post_id) or _("Post %(number)d") % {"number": verdict.post_id},
        reverse("storefront:post", args=[verdict.post_id]),
        parts.Chip(_("fits"), "jade", "check") if verdict.holds else parts.Chip(_("does not fit")),
        verdict.quality.total,
        words.parts_of(verdict.quality),
        tuple(
            (check.holds, str(words.ASKED[check.condition]), words.matched(check, names)) for check in verdict.checks
        ),
    )


def _hand(hand: Hand, titles: dict[int, str], people: dict[int, Person]) -> HandLine:
    word = str(words.HANDS[hand.kind])
    return HandLine(
        hand.post_id,
        titles.get(hand.post_id) or _("Post %(number)d") % {"number": hand.post_id},
        reverse("storefront:post", args=[hand.post_id]),
        parts.Chip(f"{word} · {hand.place}" if hand.place else word, "accent" if hand.kind is HandKind.OUT else "jade"),
        hand.reason,
        hand,
        person_part(people.get(hand.placed_by)),
    )


def _version(one: RuleVersion, people: dict[int, Person]) -> dict[str, object]:
    fields = forms.fields_of(one.rule)
    said = [
        (field.label, field.value.replace("\n", ", "))
        for field in (*fields.asks, *fields.least, *fields.layout)
        if field.value
    ]
    said += [
        (group.label, ", ".join(option.label for option in group.options if option.chosen))
        for group in (*fields.ticks, *fields.selects)
        if any(option.chosen and option.value for option in group.options)
    ]
    return {"version": one.version, "at": one.saved_at, "by": person_part(people.get(one.saved_by)), "said": said}
