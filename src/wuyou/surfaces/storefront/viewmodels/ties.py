"""How close somebody is, in words and bars, and out of what it was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from wuyou.domains.social import queries
from wuyou.domains.social.types import Band, Channel, Correction, Tie, TieKind, TiePoint, TieStory

_BAR_WIDTH, _BAR_GAP, _CHART_HEIGHT, _LEAST_BAR = 18, 8, 64, 3

_BANDS: Mapping[Band, object] = {
    Band.NONE: gettext_lazy("Not in touch yet"),
    Band.ACQUAINTED: gettext_lazy("Acquainted"),
    Band.FAMILIAR: gettext_lazy("Familiar"),
    Band.CLOSE: pgettext_lazy("of people", "Close"),
}
_CHANNELS: Mapping[Channel, tuple[object, str]] = {
    Channel.TALK: (gettext_lazy("Words for each other"), "message-circle"),
    Channel.GIFTS: (gettext_lazy("Gifts and thanks"), "gift"),
    Channel.TOGETHER: (gettext_lazy("Done together"), "users"),
    Channel.TRADE: (gettext_lazy("Bought of each other"), "shopping-bag"),
    Channel.CLICKS: (gettext_lazy("Single clicks"), "thumb-up"),
}
_KINDS: Mapping[TieKind, object] = {
    TieKind.EXCHANGE: gettext_lazy("Words for one person"),
    TieKind.GROUP_EXCHANGE: gettext_lazy("Words in a small group"),
    TieKind.REQUEST: gettext_lazy("A friend request, agreed to"),
    TieKind.GIFT: gettext_lazy("A gift"),
    TieKind.THANKS: gettext_lazy("Thanks in words"),
    TieKind.TEAM: gettext_lazy("Bought together, as a few"),
    TieKind.BIG_TEAM: gettext_lazy("Bought together, as many"),
    TieKind.EVENT: gettext_lazy("Were both there"),
    TieKind.TRADE: gettext_lazy("Bought of the other"),
    TieKind.CLICK: gettext_lazy("One click"),
}
_CORRECTIONS: Mapping[Correction | None, tuple[object, object]] = {
    None: (gettext_lazy("As counted"), gettext_lazy("what was between us says it")),
    Correction.CLOSER: (gettext_lazy("Closer than it looks"), gettext_lazy("we are close elsewhere")),
    Correction.DISTANT: (gettext_lazy("Not that close"), gettext_lazy("count it a quarter")),
    Correction.HIDDEN: (gettext_lazy("Do not show it"), gettext_lazy("in no list and no reminder")),
}


@dataclass(frozen=True, slots=True)
class Part:
    """What one channel adds."""

    label: str
    icon: str
    points: str
    share: int
    """Of the strongest channel, in percent; at least 2, so that it is seen."""
    from_me: int
    from_them: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the chart, in units of its drawing."""

    month: date
    points: str
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Said:
    """One of the corrections."""

    value: str
    label: str
    note: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an act is worth, as the rules have it."""

    label: str
    answered: str
    alone: str
    a_day: int


@dataclass(frozen=True, slots=True)
class Story:
    """A tie with why it is so."""

    band: str
    level: int
    """0 to 3."""
    points: str
    counted: str
    """Without the reader's correction; empty when there is none."""
    last_on: date | None
    are_friends: bool
    parts: tuple[Part, ...]
    bars: tuple[Bar, ...]
    chart_width: int
    chart_height: int
    corrections: tuple[Said, ...]
    has_history: bool


def band_of(tie: Tie) -> str:
    """How close, in a word."""
    return str(_BANDS[tie.band])


def level_of(tie: Tie) -> int:
    """How close, in steps from 0 to 3."""
    return list(_BANDS).index(tie.band)


def story(told: TieStory) -> Story:
    """The tie as its page shows it."""
    said = told.tie.correction
    return Story(
        band=band_of(told.tie),
        level=level_of(told.tie),
        points=_points(told.tie.strength),
        counted=_points(told.counted) if said else "",
        last_on=told.tie.last_on,
        are_friends=told.tie.are_friends,
        parts=tuple(_parts(told)),
        bars=_bars(told.history),
        chart_width=len(told.history) * (_BAR_WIDTH + _BAR_GAP),
        chart_height=_CHART_HEIGHT,
        corrections=tuple(
            Said(each.value if each else "", str(label), str(note), each is said)
            for each, (label, note) in _CORRECTIONS.items()
        ),
        has_history=any(point.strength for point in told.history),
    )


def weights() -> tuple[Weighed, ...]:
    """The published table."""
    return tuple(
        Weighed(str(_KINDS[kind]), _points(2 * weight.answered), _points(weight.alone), weight.daily_cap)
        for kind, weight in queries.weights_by_kind().items()
    )


def _parts(told: TieStory) -> Iterable[Part]:
    most = max((part.strength for part in told.parts), default=0)
    for part in told.parts:
        label, icon = _CHANNELS[part.channel]
        share = max(2, 100 * part.strength // most) if most else 2
        yield Part(str(label), icon, _points(part.strength), share, part.from_me, part.from_them)


def _bars(history: Iterable[TiePoint]) -> tuple[Bar, ...]:
    points = tuple(history)
    most = max((point.strength for point in points), default=0)
    bars = []
    for at, point in enumerate(points):
        height = max(_LEAST_BAR, _CHART_HEIGHT * point.strength // most) if most else _LEAST_BAR
        bars.append(
            Bar(point.month, _points(point.strength), at * (_BAR_WIDTH + _BAR_GAP), _CHART_HEIGHT - height, height)
        )
    return tuple(bars)


def _points(thousandths: int) -> str:
    """Thousandths of a point with as many digits as say something: `12`, `3.4`, `0.05`."""
    if thousandths >= 10_000:
        return str(thousandths // 1000)
    digits = 1 if thousandths >= 100 or thousandths == 0 else 3
    return f"{thousandths / 1000:.{digits}f}".removesuffix(".0")


def explained() -> str:
    """How ties are counted, in a sentence."""
    return _(
        "Words, gifts and what you did together bring people closer; clicks hardly do. "
        "Everything counts half after six months."
    )
