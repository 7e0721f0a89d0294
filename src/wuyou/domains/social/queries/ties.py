"""How close people are, each seeing their own side alone; and who grows silent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import rules
from wuyou.domains.social.types import (
    Band,
    Correction,
    GiftsFrom,
    Occasion,
    OccasionKind,
    Preference,
    Reminder,
    Tie,
    TieKind,
    TieMonth,
    TieStory,
    WeekOfTies,
    Weight,
)
from wuyou.infra import db
from wuyou.kernel.clock import business_date
from wuyou.kernel.sight import Viewer

_SIDES = """
    SELECT o.other, coalesce(t.weight, 0), o.friends, c.said, t.last_on, t.id
    FROM (SELECT other, bool_or(friends) AS friends FROM (
              SELECT high_id AS other, false AS friends FROM social_tie WHERE low_id = %(me)s
              UNION ALL SELECT low_id, false FROM social_tie WHERE high_id = %(me)s
              UNION ALL SELECT high_id, true FROM social_friendship WHERE low_id = %(me)s
              UNION ALL SELECT low_id, true FROM social_friendship WHERE high_id = %(me)s) known
          WHERE %(among)s::bigint[] IS NULL OR other = ANY(%(among)s) GROUP BY other) o
    LEFT JOIN social_tie t ON t.low_id = LEAST(%(me)s, o.other) AND t.high_id = GREATEST(%(me)s, o.other)
    LEFT JOIN social_tie_correction c ON c.owner_id = %(me)s AND c.about_id = o.other
    WHERE NOT EXISTS (SELECT FROM social_block
                      WHERE (blocker_id, blocked_id) IN ((%(me)s, o.other), (o.other, %(me)s)))
"""


def list_ties(person_id: int, *, now: datetime, limit: int = 24) -> tuple[Tie, ...]:
    """Who is close to a person as they see it, the closest first; without whom they have hidden. Cost: one query."""
    ties = (tie for tie, _, _ in _sides(person_id, None, now))
    shown = [tie for tie in ties if tie.correction is not Correction.HIDDEN and tie.band is not Band.NONE]
    return tuple(sorted(shown, key=lambda tie: (-tie.strength, tie.person_id))[: max(0, limit)])


def ties_by_person(person_id: int, other_ids: Collection[int], *, now: datetime) -> dict[int, Tie]:
    """How close these are to a person; whom nothing ties is left out. Cost: one query."""
    return {tie.person_id: tie for tie, _, _ in _sides(person_id, sorted(set(other_ids)), now)}


def get_tie_story(person_id: int, other_id: int, *, now: datetime) -> TieStory:
    """A tie, out of what it is made, and its last twelve months. Raises `PersonNotFound` across a block.

    Cost: two queries.
    """
    month = rules.month_of(business_date(now))
    found = _sides(person_id, [other_id], now)
    if not found:
        if db.row(
            "SELECT 1 FROM social_block WHERE (blocker_id, blocked_id) IN ((%(me)s, %(other)s), (%(other)s, %(me)s))",
            {"me": person_id, "other": other_id},
        ):
            raise PersonNotFound()
        return TieStory(Tie(other_id, 0, Band.NONE, False, None, None), 0, (), rules.history((), month))
    tie, counted, tie_id = found[0]
    months = list_months(tie_id, is_low=person_id < other_id) if tie_id else ()
    return TieStory(tie, counted, rules.parts(months, month), rules.history(months, month))


def list_months(tie_id: int, *, is_low: bool) -> tuple[TieMonth, ...]:
    """The sums of a tie's months, as one of its two sides sees them. Cost: one query."""
    mine, theirs = ("from_low", "from_high") if is_low else ("from_high", "from_low")
    found = db.rows(
        f"SELECT month, kind, {mine}, {theirs} FROM social_tie_month WHERE tie_id = %s ORDER BY month, kind",  # noqa: S608
        [tie_id],
    )
    return tuple(TieMonth(month, TieKind(kind), one, other) for month, kind, one, other in found)


def weights_by_kind() -> Mapping[TieKind, Weight]:
    """What each act is worth, as it is published. Cost: none."""
    return rules.WEIGHTS


def get_preference(person_id: int) -> Preference:
    """What a person has set about gifts and reminders. Cost: one query."""
    found = db.row("SELECT gifts_from, is_reminded FROM social_preference WHERE owner_id = %s", [person_id])
    return Preference(GiftsFrom(found[0]), found[1]) if found else Preference()


def list_fading(person_id: int, *, now: datetime) -> list[int]:
    """Whom a person was close to and hears nothing of, the closest first; not whom they mute, hide or were reminded of.

    Cost: three queries.
    """
    if not get_preference(person_id).is_reminded:
        return []
    left_out = {
        row[0]
        for row in db.rows(
            """
            SELECT muted_id FROM social_mute WHERE owner_id = %(me)s
            UNION SELECT about_id FROM social_reminder
                  WHERE owner_id = %(me)s AND (closed_at IS NULL OR made_at > %(since)s)
            """,
            {"me": person_id, "since": now - rules.REMIND_AGAIN_AFTER},
        )
    }
    today = business_date(now)
    fading = []
    for tie, counted, _ in _sides(person_id, None, now):
        if tie.person_id in left_out or tie.last_on is None or not rules.is_silent(tie.last_on, today):
            continue
        before = rules.strength_then(counted, tie.last_on, today, tie.correction)
        if rules.BANDS[Band.FAMILIAR] <= before:
            fading.append((-before, tie.person_id))
    return [other for _, other in sorted(fading)]


def reminders_among(viewer: Viewer, reminder_ids: Collection[int]) -> set[int]:
    """Those of these reminders of the viewer that still hold. Cost: one query, none for who is not signed in."""
    held = list_reminders(viewer.person_id) if viewer.person_id is not None else ()
    return {reminder.id for reminder in held}.intersection(reminder_ids)


def list_reminders(person_id: int) -> tuple[Reminder, ...]:
    """Reminders that are open, latest first, of people whom the person can still meet and does not hide.

    A reminder is made of 45 days of silence or more: where there was something later, the two have
    found back to each other. Cost: one query.
    """
    found = db.rows(
        """
        SELECT r.id, r.about_id, r.made_at FROM social_reminder r
        WHERE r.owner_id = %(me)s AND r.closed_at IS NULL
        AND NOT EXISTS (SELECT FROM social_block WHERE (blocker_id, blocked_id)
                        IN ((r.owner_id, r.about_id), (r.about_id, r.owner_id)))
        AND NOT EXISTS (SELECT FROM social_mute WHERE owner_id = r.owner_id AND muted_id = r.about_id)
        AND NOT EXISTS (SELECT FROM social_tie_correction c
                        WHERE c.owner_id = r.owner_id AND c.about_id = r.about_id AND c.said = 'HIDDEN')
        AND NOT EXISTS (SELECT FROM social_tie t WHERE t.last_on > r.made_at::date - 40
                        AND t.low_id = LEAST(r.owner_id, r.about_id) AND t.high_id = GREATEST(r.owner_id, r.about_id))
        ORDER BY r.id DESC
        """,
        {"me": person_id},
    )
    return tuple(Reminder(*columns) for columns in found)


def find_occasion(person_id: int, other_id: int, *, now: datetime) -> Occasion | None:
    """A reason to write to somebody now, from the first source in `settings.TIE_OCCASIONS` that knows one.

    Read when it is shown and never kept, so that it shows no more than may be seen at that moment.
    """
    for source in import_string(settings.TIE_OCCASIONS):
        found: Occasion | None = source(person_id, other_id, now)
        if found is not None:
            return found
    return None


def occasion_of_friendship(person_id: int, other_id: int, now: datetime) -> Occasion | None:
    """Whole years since the two became friends, within three days of the day. Cost: one query."""
    found = db.row(
        "SELECT since FROM social_friendship WHERE low_id = %s AND high_id = %s", sorted((person_id, other_id))
    )
    years = rules.anniversary(business_date(found[0]), business_date(now)) if found else None
    return Occasion(OccasionKind.YEARS_OF_FRIENDSHIP, years) if years else None


def list_weeks_of_ties(*, now: datetime, count: int = 8) -> tuple[WeekOfTies, ...]:
    """What became of ties in the last weeks, this one first. Cost: one query over the facts of that time.

    Formed: their first composed act was in that week; strengthened: there was one before, too. Gift and trade links are
    how many pairs gave, and how many bought of each other.
    """
    today = business_date(now)
    mondays = [today - timedelta(days=today.weekday() + 7 * back) for back in range(count)]
    found = db.rows(
        """
        SELECT date_trunc('week', f.happened_on::timestamp)::date AS week,
               count(DISTINCT t.id) FILTER (WHERE f.kind = ANY(%(composed)s)
                   AND t.first_on >= date_trunc('week', f.happened_on::timestamp)::date),
               count(DISTINCT t.id) FILTER (WHERE f.kind = ANY(%(composed)s)
                   AND t.first_on < date_trunc('week', f.happened_on::timestamp)::date),
               count(DISTINCT t.id) FILTER (WHERE f.kind = 'GIFT'), count(DISTINCT t.id) FILTER (WHERE f.kind = 'TRADE')
        FROM social_tie_fact f JOIN social_tie t ON t.id = f.tie_id WHERE f.happened_on >= %(since)s GROUP BY 1
        """,
        {"composed": _values(rules.COMPOSED), "since": mondays[-1]},
    )
    weeks = {week: WeekOfTies(week, *figures) for week, *figures in found}
    return tuple(weeks.get(monday, WeekOfTies(monday, 0, 0, 0, 0)) for monday in mondays)


def _sides(person_id: int, among: Sequence[int] | None, now: datetime) -> list[tuple[Tie, int, int | None]]:
    """Ties of a person with what was counted and the tie's id, those across a block left out. Cost: one query."""
    month = rules.month_of(business_date(now))
    found = []
    for other, weight, are_friends, said, last_on, tie_id in db.rows(_SIDES, {"me": person_id, "among": among}):
        counted = rules.strength_at(int(weight), month, are_friends=are_friends)
        correction = Correction(said) if said else None
        strength = rules.corrected(counted, correction)
        tie = Tie(other, strength, rules.band_of(strength), are_friends, correction, last_on)
        found.append((tie, counted, tie_id))
    return found


def _values(kinds: Iterable[TieKind]) -> list[str]:
    return [kind.value for kind in kinds]
