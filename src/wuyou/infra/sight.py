"""Sight on rows: the columns of a compiled rule, the filter of lists, and the tokens of who looks.

Every table whose rows somebody may or may not see is `Sighted`. Its rows are written with `columns`, listed with
`visible_to` (a QuerySet's condition), `visible_sql` or `findable_sql` (the same in a statement of one's own), and one
row is checked by `wuyou.kernel.sight.may_see(viewer, row.sight)`. All of them stand on one compile, and a property test
holds them to an oracle that knows no tokens (docs/adr/0011).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import BooleanField, Lookup, Q
from django.db.models.expressions import RawSQL
from django.utils.module_loading import import_string

from wuyou.infra import db
from wuyou.kernel.sight import (
    KEY_BITS,
    OFTEN_UNKNOWN,
    AudienceRule,
    Eyes,
    Kind,
    Sight,
    Subject,
    Viewer,
    compile_rule,
    make_viewer,
    token,
)


class Source(Protocol):
    """The tokens that a person holds now, as far as one domain knows."""

    def __call__(self, known_to: Viewer | None = None, /) -> str:
        """A SELECT of the tokens of the person `%(me)s`: all, or those that this viewer may know that they hold.

        It has one column and no other parameters: what the sources say is asked in one statement.
        """


_COMPILED = (
    f"sight_opens @> ARRAY[owner_id + {token(Kind.PERSON)}::bigint]"
    f" AND sight_closes @> ARRAY[owner_id + {token(Kind.BLOCKED)}::bigint]"
)


_WITHHELD = f"{token(Kind.WITHHELD)}::bigint"
WITHHOLD = f"sight_closes = array_append(array_remove(sight_closes, {_WITHHELD}), {_WITHHELD})"
RELEASE = f"sight_closes = array_remove(sight_closes, {_WITHHELD})"
"""What an UPDATE sets in a row that is locked, for who changes other columns with it; else `withhold`, `release`."""


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


def columns(
    owner_id: int, rule: AudienceRule, about: Iterable[Subject] = (), *, is_withheld: bool = False
) -> dict[str, list[int]]:
    """The columns to write for a rule, to create a row or to change whom it is open to.

    Whoever rewrites a row that can be withheld says whether it still is: `withheld_sql` asks that of the locked row.
    Whoever may see a row is decided by what stands in it: a change holds for every read after its transaction commits.
    """
    sight = compile_rule(owner_id, rule, about, is_withheld=is_withheld)
    return {"sight_opens": list(sight.opens), "sight_closes": list(sight.closes)}


@db.requires_transaction
def withhold(table: str, row_ids: Iterable[int]) -> None:
    """From the commit on only their owners see these rows, whomever their rules name. Locks: the rows, by id."""
    _rewrite(table, row_ids, WITHHOLD)


@db.requires_transaction
def release(table: str, row_ids: Iterable[int]) -> None:
    """From the commit on these rows are open to whom their rules name. Locks: the rows, by id."""
    _rewrite(table, row_ids, RELEASE)


def withheld_sql(alias: str) -> str:
    """The condition that only its owner sees a row for now."""
    return f"({alias}.sight_closes @> ARRAY[{_WITHHELD}])"


def _rewrite(table: str, row_ids: Iterable[int], assignment: str) -> None:
    ids = sorted(set(row_ids))
    db.rows(f"SELECT FROM {table} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
    db.execute(f"UPDATE {table} SET {assignment} WHERE id = ANY(%s)", [ids])  # noqa: S608


def visible_to(viewer: Viewer, through: str = "") -> Q:
    """The condition that leaves the rows which this viewer may see; `through` leads to them, as in `"post__"`."""
    tokens = RawSQL(_array(viewer), ())  # noqa: S611  (whole numbers alone)
    opened = Q((f"{through}sight_opens__overlap", tokens))
    closed = Q((f"{through}sight_closes__overlap", tokens))
    if viewer.may_open:
        opened |= Q((f"{through}sight_opens__of_kinds", viewer.may_open))
    if viewer.may_close:
        closed |= Q((f"{through}sight_closes__of_kinds", viewer.may_close))
    seen = opened & (Q((f"{through}owner_id", viewer.person_id or 0)) | ~closed)
    return seen if viewer.within is None else seen & Q((f"{through}owner_id", viewer.within))


def visible_sql(viewer: Viewer, alias: str) -> str:
    """The same condition on the table of this alias, for rows that something else chooses: an owner, a thing, the date.

    It takes no parameters. Cost: some two microseconds a row. The tokens of most are few enough to be sent beside the
    text (`db.shared`), which is then planned once; the server hashes those of who holds many, which stand in it.
    """
    tokens = db.shared(_literal(viewer.tokens))
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


def owner_sql(viewer: Viewer) -> str:
    """An array of the viewer's own id, in a text that is the same for every viewer; `{0}` for who is not signed in."""
    return db.shared(f"{{{viewer.person_id or 0:d}}}")


def token_sql(kind: str, key: str) -> str:
    """The number of a token in SQL, of two expressions that are whole numbers: `wuyou.kernel.sight.token`."""
    return f"(({kind})::bigint << {KEY_BITS} | ({key}))"


def get_viewer(person_id: int | None, *, within: int | None = None) -> Viewer:
    """Who looks: a person with the tokens that they hold at this moment, or, for None, anyone who is not signed in.

    Made once a request; in one that reads, what is read from here on is of the same moment. Cost: one query, and two
    statements for the moment; none for who is not signed in.
    """
    if person_id is None:
        return make_viewer(None, within=within)
    db.hold_moment()
    return make_viewer(person_id, held_by(person_id), within)


def view_as(owner: Viewer, person_id: int | None) -> Eyes:
    """Look at one's own things with another's eyes, as far as one may know what those see; at nothing else.

    The other's tokens are those that the owner may know of: what stands between the two, the owner's labels, what the
    owner sees that they hold. Of the things and circles that a rule names, they may hold others too. What they want
    to see nothing about is theirs to know: it is answered as though there were nothing.
    Cost: one query; none for who is not signed in.
    """
    assert owner.person_id is not None  # noqa: S101  (nobody has things)
    if person_id is None:
        stranger = make_viewer(None, within=owner.person_id)
        return Eyes(stranger, stranger)
    known = make_viewer(person_id, held_by(person_id, owner), within=owner.person_id)
    return Eyes(replace(known, may_close=OFTEN_UNKNOWN), replace(known, may_open=OFTEN_UNKNOWN))


def held_by(person_id: int, known_to: Viewer | None = None) -> list[int]:
    """The tokens that a person holds, or those of which this viewer may know that they hold them. Cost: one query."""
    # Statements of our own domains, which take the person as a parameter.
    told = " UNION ALL ".join(f"SELECT token FROM ({source(known_to)}) AS held (token)" for source in sources())  # noqa: S608
    found = db.row(f"SELECT array_agg(token) FROM ({told}) AS every", {"me": person_id})  # noqa: S608
    return found[0] or [] if found else []


def sources() -> Sequence[Source]:
    """Where this installation's tokens come from, as `settings.SIGHT_SOURCES` names them."""
    installed: Sequence[Source] = import_string(settings.SIGHT_SOURCES)
    return installed


def _seen(viewer: Viewer, alias: str, opened: str, closed: str) -> str:
    if viewer.may_open:
        opened = f"({opened} OR {_of_kinds(f'{alias}.sight_opens', viewer.may_open)})"
    if viewer.may_close:
        closed = f"({closed} OR {_of_kinds(f'{alias}.sight_closes', viewer.may_close)})"
    seen = f"({opened} AND ({alias}.owner_id = ANY({owner_sql(viewer)}) OR NOT {closed}))"
    return seen if viewer.within is None else f"({seen} AND {alias}.owner_id = {viewer.within:d})"


def _array(viewer: Viewer) -> str:
    # In the text and not a parameter, so that no plan is made for a viewer of whom nothing is known: the server's
    # figures on how many rows a token opens decide between reading by date and reading by index.
    return f"'{_literal(viewer.tokens)}'::bigint[]"


@lru_cache(maxsize=64)
def _literal(tokens: frozenset[int]) -> str:
    """The array as SQL writes it; a page asks many times on behalf of one viewer."""
    return f"{{{','.join(map(str, sorted(tokens)))}}}"


def _of_kinds(column: str, kinds: Iterable[Kind]) -> str:
    """The condition that a token of one of these kinds is among those of a column."""
    return (
        f"EXISTS (SELECT FROM unnest({column}) one WHERE one >> {KEY_BITS} IN ({', '.join(map(str, map(int, kinds)))}))"
    )


@ArrayField.register_lookup
class _OfKinds(Lookup):
    """The same of the rows of a QuerySet."""

    lookup_name = "of_kinds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return _of_kinds(column, self.rhs), tuple(params)
