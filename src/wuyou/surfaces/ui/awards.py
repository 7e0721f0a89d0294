"""Awards in people's words, for every surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from wuyou.domains.awards import policies
from wuyou.domains.awards.types import Award, Honour, HonourState, Rule
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.templatetags.ui import number
from wuyou.surfaces.ui.texts import in_language

RULES: Mapping[Rule, tuple[object, object]] = {
    Rule.MOST_READ: (
        gettext_lazy("Read most"),
        gettext_lazy(
            "Counted is how often posts of one’s own were on a screen in the month, on days on which twenty people or "
            "more saw the post. Programs do not count."
        ),
    ),
    Rule.BEST_BEGINNER: (
        gettext_lazy("Read most of those who are new"),
        gettext_lazy(
            "For who joined in this month or the one before. Counted is how often posts of one’s own were on a screen "
            "in the month, on days on which twenty people or more saw the post. Programs do not count."
        ),
    ),
    Rule.MOST_THANKED: (
        gettext_lazy("Thanked most"),
        gettext_lazy("Counted are the people who thanked somebody for a post in the month, each once."),
    ),
    Rule.MOST_SOLD: (
        gettext_lazy("Most people bought"),
        gettext_lazy(
            "Counted are the people who bought by somebody’s links and kept what they bought, each once. A purchase "
            "counts in the month in which the time to return it was over. What is looked at, or was no sale, does not."
        ),
    ),
}
"""How each rule is called, and in plain words what it counts."""
STATES: Mapping[HonourState, tuple[object, parts.Tone]] = {
    HonourState.GIVEN: (gettext_lazy("Given"), "jade"),
    HonourState.DECLINED: (gettext_lazy("Declined"), "plain"),
    HonourState.WITHDRAWN: (pgettext_lazy("award", "Withdrawn"), "amber"),
}


def title_of(award: Award) -> str:
    """An award's title in the reader's language."""
    return in_language(award.title, award.title_en)


def rule_of(award: Award) -> str:
    """What it honours, in a few words."""
    return str(RULES[award.rule][0])


def explained(award: Award) -> str:
    """How a winner is found, in plain words: what is counted, what is asked, who of equal ones is first."""
    told = [str(RULES[award.rule][1])]
    if least := policies.least_shown(award):
        told.append(_("Asked for is %(figure)s at least.") % {"figure": figure_text(award.rule, least)})
    if award.least_reads:
        told.append(
            _("One’s posts were read %(count)s times at least in the month.") % {"count": number(award.least_reads)}
        )
    told.append(_("Of equal figures, who was read more is first, then who has been here longer."))
    return in_language("", " ").join(told)


def figure_text(rule: Rule, figure: int) -> str:
    """A figure with what it counts."""
    if rule.counts_people:
        text = ngettext("%(count)s person", "%(count)s people", figure)
    else:
        text = ngettext("%(count)s read", "%(count)s reads", figure)
    return text % {"count": number(figure)}


def place_text(honour: Honour) -> str:
    """The place; nothing where there is one winner alone."""
    return "" if honour.round.award.winner_count == 1 else _("Place %(place)s") % {"place": honour.place}


def month_text(month: date) -> str:
    """A month as pages write it."""
    return f"{month:%Y-%m}"


def state_chip(honour: Honour) -> parts.Chip:
    """Where an honour is."""
    text, tone = STATES[honour.state]
    return parts.Chip(str(text), tone)


def chosen_month(request: HttpRequest, months: Sequence[date]) -> date | None:
    """The month that an address asks for, where there is one of it; else the latest; None where there is none."""
    asked = request.GET.get("month", "")
    return next((month for month in months if month_text(month) == asked), months[0] if months else None)


def month_tabs(months: Sequence[date], chosen: date | None) -> tuple[parts.Tab, ...]:
    """The latest months to choose from, and the one that is chosen."""
    shown = [month for place, month in enumerate(months) if place < _MONTHS_SHOWN or month == chosen]
    return tuple(parts.Tab(month_text(month), f"?month={month_text(month)}", month == chosen) for month in shown)


_MONTHS_SHOWN = 12
