"""Sight on rows: the columns of a compiled rule, the filter of lists, and the tokens of who looks.

Every table whose rows somebody may or may not see is `Sighted`. Its rows are written with `columns`, listed with
`visible_to` (a QuerySet's condition), `visible_sql` or `findable_sql` (the same in a statement of one's own), and one
row is checked by `wuyou.kernel.sight.may_see(viewer, row.sight)`. All of them stand on one compile, and a property test
holds them to an oracle that knows no tokens (docs/adr/0011).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.utils.module_loading import import_string

from wuyou.infra import db
from wuyou.kernel.sight import KEY_BITS, AudienceRule, Kind, Sight, Subject, Viewer, compile_rule, make_viewer, token

Source = Callable[[int], Iterable[int]]
"""The tokens that a person holds now, as far as one domain knows; one query."""

_COMPILED = (
    f"sight_opens @> ARRAY[owner_id + {token(Kind.PERSON)}::bigint]"
    f" AND sight_closes @> ARRAY[owner_id + {token(Kind.BLOCKED)}::bigint]"
)


class Sighted(models.Model):
    """A row that somebody owns and others may or may not see. Its Meta inherits from `Sighted.Meta`."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    owner_id: int
    sight_opens = ArrayField(models.BigIntegerField())
    """Tokens that open the row, of which a viewer must hold one."""
    sight_closes = ArrayField(models.BigIntegerField())
    """Tokens that close it, of which a viewer other than the owner may hold none."""

    class Meta:
        abstract = True
        # Without a pending list: a read never waits for what writes have put off.
        indexes = [GinIndex(fields=["sight_opens"], name="%(class)s_sight", fastupdate=False)]
        # A row that was written past `columns` would know no blocks: the table refuses it.
        constraints = [
            models.CheckConstraint(
                condition=RawSQL(_COMPILED, (), output_field=BooleanField()),  # noqa: S611  (nobody's input)
                name="%(class)s_sight_is_compiled",
            )
        ]

    @property
    def sight(self) -> Sight:
        """The compiled rule of this row."""
        return Sight(self.owner_id, tuple(self.sight_opens), tuple(self.sight_closes))


def columns(owner_id: int, rule: AudienceRule, about: Iterable[Subject] = ()) -> dict[str, list[int]]:
    """The columns to write for a rule, to create a row or to change whom it is open to.

    Whoever may see a row is decided by what stands in it: a change holds for every read after its transaction commits.
    """
    sight = compile_rule(owner_id, rule, about)
    return {"sight_opens": list(sight.opens), "sight_closes": list(sight.closes)}


def visible_to(viewer: Viewer, through: str = "") -> Q:
    """The condition that leaves the rows which this viewer may see; `through` leads to them, as in `"post__"`."""
    tokens = RawSQL(_array(viewer), ())  # noqa: S611  (whole numbers alone)
    opened = Q((f"{through}sight_opens__overlap", tokens))
    closed = Q((f"{through}sight_closes__overlap", tokens))
    seen = opened & (Q((f"{through}owner_id", viewer.person_id or 0)) | ~closed)
    return seen if viewer.within is None else seen & Q((f"{through}owner_id", viewer.within))


def visible_sql(viewer: Viewer, alias: str) -> str:
    """The same condition on the table of this alias, for rows that something else chooses: an owner, a thing, the date.

    It takes no parameters. Cost: some two microseconds a row, however many tokens the viewer holds, because the server
    hashes a list of constants; an overlap of arrays would compare each with each.
    """
    tokens = _array(viewer)
    return _seen(
        viewer,
        alias,
        f"EXISTS (SELECT FROM unnest({alias}.sight_opens) opens WHERE opens = ANY({tokens}))",
        f"EXISTS (SELECT FROM unnest({alias}.sight_closes) closes WHERE closes = ANY({tokens}))",
    )


def findable_sql(viewer: Viewer, alias: str) -> str:
    """The same condition for rows that nothing else chooses: an index finds what little the viewer's tokens open."""
    tokens = _array(viewer)
    return _seen(viewer, alias, f"{alias}.sight_opens && {tokens}", f"{alias}.sight_closes && {tokens}")


def token_sql(kind: str, key: str) -> str:
    """The number of a token in SQL, of two expressions that are whole numbers: `wuyou.kernel.sight.token`."""
    return f"(({kind})::bigint << {KEY_BITS} | ({key}))"


def get_viewer(person_id: int | None, *, within: int | None = None) -> Viewer:
    """Who looks: a person with the tokens that they hold at this moment, or, for None, anyone who is not signed in.

    Made once a request; in one that reads, what is read from here on is of the same moment. Cost: one query a source
    of tokens, and two statements for the moment; none for who is not signed in.
    """
    if person_id is None:
        return make_viewer(None, within=within)
    db.hold_moment()
    return make_viewer(person_id, (held for source in sources() for held in source(person_id)), within)


def view_as(owner_id: int, person_id: int | None) -> Viewer:
    """Look at one's own things with another's eyes; at nothing else, so that it shows nobody's secrets."""
    return get_viewer(person_id, within=owner_id)


def sources() -> Sequence[Source]:
    """Where this installation's tokens come from, as `settings.SIGHT_SOURCES` names them."""
    installed: Sequence[Source] = import_string(settings.SIGHT_SOURCES)
    return installed


def _seen(viewer: Viewer, alias: str, opened: str, closed: str) -> str:
    seen = f"({opened} AND ({alias}.owner_id = {viewer.person_id or 0:d} OR NOT {closed}))"
    return seen if viewer.within is None else f"({seen} AND {alias}.owner_id = {viewer.within:d})"


def _array(viewer: Viewer) -> str:
    # In the text and not a parameter, so that no plan is made for a viewer of whom nothing is known: the server's
    # figures on how many rows a token opens decide between reading by date and reading by index.
    return _literal(viewer.tokens)


@lru_cache(maxsize=64)
def _literal(tokens: frozenset[int]) -> str:
    """The array in SQL; a page asks many times on behalf of one viewer."""
    return f"'{{{','.join(map(str, sorted(tokens)))}}}'::bigint[]"
