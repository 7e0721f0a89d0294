"""What happened that one part of the platform never took in?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.infra import event_log, events
from wuyou.infra.event_log import Letter, LetterState
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import known_facts, show
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage

_SHOWN: Final = 56
"""Characters of an error in a list."""


@staff_only
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    # Those that need somebody when it asks for nothing.
    trail, state = lists.trail_of(request), lists.chosen(request, "state", LetterState, LetterState.DEAD.value)
    page = event_log.list_letters(state=state, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    view = ListPage(
        title=_("Dead letters"),
        intro=_("Events that a subscriber could not handle in six attempts. It went on without them; nothing is lost."),
        table=_table(page.items),
        empty=_empty(state),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=_tabs(request, state),
    )
    return show(request, "list", "letters", view=view)


def _tabs(request: HttpRequest, state: LetterState | None) -> tuple[parts.Tab, ...]:
    counts = event_log.count_letters()
    return (
        *(
            parts.Tab(str(label), lists.href(request, state=one.value), state is one, counts[one])
            for one, (label, _tone) in words.LETTER.items()
        ),
        parts.Tab(_("All"), lists.href(request, state="all"), state is None, sum(counts.values())),
    )


def _empty(state: LetterState | None) -> parts.Empty:
    if state is LetterState.DEAD:
        return parts.Empty(
            _("Every event was taken in"),
            _("An event that fails six times is put here, with its error and a button to try again."),
            "tea",
        )
    return parts.Empty(_("No letter in this state"), _("Look at another state, or at all of them."), "tent")


def _table(letters: Sequence[Letter]) -> parts.Table:
    columns = (
        parts.Column(_("Event")),
        parts.Column(_("Subscriber")),
        parts.Column(_("State")),
        parts.Column(_("Attempts"), numeric=True),
        parts.Column(_("Error")),
        parts.Column(_("Last failure")),
    )
    rows = (
        parts.Row(
            (
                letter.event.name,
                letter.subscriber,
                words.chip(words.LETTER[letter.state]),
                letter.attempts,
                _short(_last_line(letter.error)),
                letter.failed_at,
            ),
            reverse("staff:letter", args=[letter.id]),
        )
        for letter in letters
    )
    return parts.Table(_("Dead letters"), columns, tuple(rows))


def _last_line(error: str) -> str:
    """What went wrong, without the way there."""
    lines = error.strip().splitlines()
    return lines[-1].strip() if lines else ""


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


@staff_only
@require_safe
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    found = _found(letter_id)
    return show(
        request,
        "letter",
        "letters",
        letter=found,
        state=words.chip(words.LETTER[found.state]),
        cause=_last_line(found.error),
        payload=json.dumps(json.loads(found.event.payload), indent=2, ensure_ascii=False),
        facts=_facts(found),
        can_retry=found.state is LetterState.DEAD,
    )


def _found(letter_id: int) -> Letter:
    found = event_log.find_letter(letter_id)
    if found is None:
        raise Http404
    return found


def _facts(letter: Letter) -> tuple[parts.Fact, ...]:
    return known_facts(
        parts.Fact(_("Subscriber"), letter.subscriber),
        parts.Fact(_("Happened"), letter.event.occurred_at),
        parts.Fact(_("Place in the log"), letter.event.seq),
        parts.Fact(_("Attempts"), letter.attempts),
        parts.Fact(_("Last failure"), letter.failed_at),
        parts.Fact(_("Given up"), letter.died_at),
        parts.Fact(_("Handled"), letter.resolved_at),
    )


@staff_only
@require_POST
def retry(request: HttpRequest, letter_id: int) -> HttpResponse:
    _found(letter_id)
    events.retry_dead_letter(events.subscribers(), letter_id, utc_now())
    # Told from the letter, not from the attempt: somebody else may have tried at the same moment.
    if _found(letter_id).state is LetterState.HANDLED:
        messages.success(request, _("The event was handled."))
    else:
        messages.error(request, _("It failed again. The new error is on the letter."))
    return HttpResponseRedirect(reverse("staff:letter", args=[letter_id]))
