"""How people show themselves to a viewer, what they say of themselves, and who says what is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.types import Person
from wuyou.domains.social import errors, said, types
from wuyou.domains.social.types import AgeBand, Role, TraitKind
from wuyou.infra import db, sight
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.kernel.sight import AudienceRule, Sight, Viewer, is_blocked, rule_of
from wuyou.kernel.text import fold

_TRAITS = "t.id, t.kind, t.words, t.first_year, t.years"
_OWN_TRAITS = f"SELECT {_TRAITS}, t.owner_id, t.sight_opens, t.sight_closes FROM social_trait t"  # noqa: S608
_MY_HOBBIES = "ARRAY(SELECT m.key FROM social_trait m WHERE m.owner_id = %(me)s AND m.kind = 'HOBBY')"
_MY_AGE = "coalesce((SELECT m.terms FROM social_trait m WHERE m.owner_id = %(me)s AND m.kind = 'AGE'), ARRAY[]::text[])"
_ASKED_PLACE = "cardinality(%(terms)s::text[]) > 0 AND t.terms @> %(terms)s::text[]"


def faces_by_person(viewer: Viewer, person_ids: Iterable[int]) -> dict[int, types.Face]:
    """Of each of these people the face that this viewer sees: the first that is open to them, else the main one.

    To themselves everybody has the main one. Unknown ids are left out; who may be met at all, the caller asks.
    Cost: one query; none for nobody.
    """
    wanted = sorted(set(person_ids))
    found = db.rows(_faces_sql(viewer, "p.id = ANY(%(wanted)s)"), {"wanted": wanted}) if wanted else ()
    return {columns[0]: _face(columns) for columns in found}


def faces_met(viewer: Viewer, person_ids: Iterable[int]) -> dict[int, types.Face]:
    """The same of those whom the viewer may meet: nobody across a block, nobody who is erased. Cost: one query."""
    found = faces_by_person(viewer, person_ids)
    return {key: face for key, face in found.items() if not face.person.is_erased and not is_blocked(viewer, key)}


def find_face(viewer: Viewer, handle: str) -> types.Face | None:
    """The same of who has this handle; None for nobody, for who is erased, and across a block. Cost: one query."""
    found = db.rows(_faces_sql(viewer, "p.handle = %(handle)s AND p.is_active"), {"handle": handle})
    return _face(found[0]) if found and not is_blocked(viewer, found[0][0]) else None


def list_own_faces(person_id: int) -> types.OwnFaces:
    """All faces of a person, for that person. Cost: one query."""
    found = db.rows(
        """
        SELECT id, is_main, name, avatar, words, roles, owner_id, sight_opens, sight_closes FROM social_face
        WHERE owner_id = %s ORDER BY is_main, position, id
        """,
        [person_id],
    )
    words, roles = next(((words, roles) for _, is_main, _, _, words, roles, *_ in found if is_main), ("", ()))
    others = tuple(
        types.OwnFace(face_id, types.FaceDraft(name, avatar, said_with_it, _roles(chosen), _rule(*compiled)))
        for face_id, is_main, name, avatar, said_with_it, chosen, *compiled in found
        if not is_main
    )
    return types.OwnFaces(words, _roles(roles), others)


def list_traits(viewer: Viewer, person_id: int) -> tuple[types.Trait, ...]:
    """What a person says of themselves, as far as this viewer may see it: age, hobbies, places. Cost: one query."""
    found = db.rows(
        f"""
        SELECT {_TRAITS} FROM social_trait t WHERE t.owner_id = %s AND {sight.visible_sql(viewer, "t")}
        ORDER BY t.kind, t.id
        """,  # noqa: S608  (literals of this module)
        [person_id],
    )
    return tuple(_trait(columns) for columns in found)


def list_own_traits(person_id: int) -> tuple[types.OwnTrait, ...]:
    """What a person says of themselves and to whom, for that person. Cost: one query."""
    found = db.rows(f"{_OWN_TRAITS} WHERE t.owner_id = %s ORDER BY t.kind, t.id", [person_id])
    return tuple(_own_trait(columns) for columns in found)


def get_own_trait(person_id: int, trait_id: int) -> types.OwnTrait:
    """One of them. Raises `TraitNotFound`. Cost: one query."""
    found = db.row(f"{_OWN_TRAITS} WHERE t.owner_id = %s AND t.id = %s", [person_id, trait_id])
    if found is None:
        raise errors.TraitNotFound()
    return _own_trait(found)


def count_said(viewer: Viewer, person_ids: Collection[int], kind: TraitKind) -> dict[tuple[str, ...], int]:
    """How many of these people say the same of themselves, to this viewer, as most of them write it. Cost: one query.

    Who shows such counts to anybody leaves out those of few people.
    """
    found = db.rows(
        f"""
        SELECT mode() WITHIN GROUP (ORDER BY t.words), count(DISTINCT t.owner_id) FROM social_trait t
        WHERE t.owner_id = ANY(%s) AND t.kind = %s AND {sight.visible_sql(viewer, "t")} GROUP BY t.key
        """,  # noqa: S608  (literals of this module)
        [sorted(person_ids), kind.value],
    )
    return {tuple(words): count for words, count in found}


def people_who_say(viewer: Viewer, asked: types.TraitQuery, *, among: Collection[int] | None = None) -> dict[int, int]:
    """Who says of themselves all that is asked, to this viewer; with how many hobbies they share with the viewer.

    Never the viewer, and nobody where nothing is asked. «The same» is asked with what the viewer has said too.
    Cost: one query, by indexes.
    """
    if asked.is_empty:
        return {}
    found = db.rows(
        f"""
        WITH who AS ({" INTERSECT ".join(_conditions(viewer, asked))}),
             shared AS (SELECT t.owner_id, count(*) AS hobbies FROM social_trait t
                        WHERE t.kind = 'HOBBY' AND t.terms && {_MY_HOBBIES} AND {sight.visible_sql(viewer, "t")}
                        GROUP BY t.owner_id)
        SELECT who.owner_id, coalesce(shared.hobbies, 0) FROM who LEFT JOIN shared USING (owner_id)
        WHERE who.owner_id <> %(me)s AND (%(among)s::bigint[] IS NULL OR who.owner_id = ANY(%(among)s::bigint[]))
        """,  # noqa: S608  (literals of this module)
        {**_params(viewer, asked), "among": None if among is None else sorted(among)},
    )
    return dict(found)


def alike_by_person(viewer: Viewer, asked: types.TraitQuery, person_ids: Iterable[int]) -> dict[int, types.Alike]:
    """Why these people were found: what of that which was asked they say to this viewer, in their own words.

    Cost: one query; none for nobody, or where nothing is asked.
    """
    wanted = sorted(set(person_ids))
    if asked.is_empty or not wanted:
        return {}
    hobbies = f"t.terms && {_MY_HOBBIES}" if asked.same_hobbies else "false"
    is_asked = f"""
        (t.kind = 'HOBBY' AND (t.key = ANY(%(hobbies)s::text[]) OR {hobbies})
         OR t.kind = 'PLACE' AND {_ASKED_PLACE}
         OR %(same_age)s AND t.kind = 'AGE' AND t.terms && {_MY_AGE})
    """
    found = db.rows(
        f"""
        SELECT t.owner_id, t.kind, t.words FROM social_trait t
        WHERE t.owner_id = ANY(%(wanted)s) AND {is_asked} AND {sight.visible_sql(viewer, "t")} ORDER BY t.id
        """,  # noqa: S608  (literals of this module)
        {**_params(viewer, asked), "wanted": wanted, "same_age": asked.same_age},
    )
    said_by: dict[int, list[tuple[str, Sequence[str]]]] = {person_id: [] for person_id in wanted}
    for owner_id, kind, words in found:
        said_by[owner_id].append((kind, words))
    return {
        person_id: types.Alike(
            tuple(words[0] for kind, words in said_here if kind == TraitKind.HOBBY),
            tuple(" · ".join(words) for kind, words in said_here if kind == TraitKind.PLACE),
            any(kind == TraitKind.AGE for kind, _ in said_here),
            asked.role,
        )
        for person_id, said_here in said_by.items()
    }


def _faces_sql(viewer: Viewer, condition: str) -> str:
    """People with the face that the viewer sees; a main face need not have a row."""
    return f"""
        SELECT {identity.PERSON_SQL}, f.name, f.avatar, f.words, f.roles, f.id FROM identity_user p LEFT JOIN LATERAL (
            SELECT f.name, f.avatar, f.words, f.roles, f.id FROM social_face f WHERE f.owner_id = p.id
               AND (f.is_main OR f.owner_id <> ALL({sight.owner_sql(viewer)})) AND {sight.visible_sql(viewer, "f")}
            ORDER BY f.is_main, f.position, f.id LIMIT 1) f ON true
        WHERE {condition}
    """  # noqa: S608  (literals of this module)


def _conditions(viewer: Viewer, asked: types.TraitQuery) -> list[str]:
    """For each thing that is asked, the statement that finds who says it to the viewer."""
    seen = sight.visible_sql(viewer, "t")
    said_so = "SELECT t.owner_id FROM social_trait t WHERE"
    conditions = []
    if asked.hobbies:
        conditions.append(
            f"""{said_so} t.kind = 'HOBBY' AND t.terms && %(hobbies)s::text[] AND {seen}
                GROUP BY t.owner_id HAVING count(*) = cardinality(%(hobbies)s::text[])"""
        )
    if asked.same_hobbies:
        conditions.append(f"{said_so} t.kind = 'HOBBY' AND t.terms && {_MY_HOBBIES} AND {seen}")
    if asked.same_age:
        conditions.append(f"{said_so} t.kind = 'AGE' AND t.terms && {_MY_AGE} AND {seen}")
    if asked.place:
        conditions.append(f"{said_so} t.kind = 'PLACE' AND {_ASKED_PLACE} AND {seen}")
    if asked.role is not None:
        # Of those with a face that says it, the face that is shown must be one that does.
        conditions.append(
            f"""
            SELECT shown.owner_id FROM (
                SELECT DISTINCT ON (f.owner_id) f.owner_id, f.roles FROM social_face f
                WHERE f.owner_id IN (SELECT r.owner_id FROM social_face r WHERE r.roles @> ARRAY[%(role)s]::text[])
                  AND {sight.visible_sql(viewer, "f")} ORDER BY f.owner_id, f.is_main, f.position, f.id) AS shown
            WHERE shown.roles @> ARRAY[%(role)s]::text[]
            """  # noqa: S608  (literals of this module)
        )
    return conditions


def _params(viewer: Viewer, asked: types.TraitQuery) -> dict[str, object]:
    return {
        "me": viewer.person_id or 0,
        "hobbies": sorted({said.normal(hobby) for hobby in asked.hobbies}),
        "terms": said.terms_of_place([asked.place]),
        "role": asked.role.value if asked.role else "",
    }


def _face(columns: Sequence[Any]) -> types.Face:
    *of_person, name, avatar, words, roles, face_id = columns
    person = identity.person_of(of_person)
    if name or avatar:
        person = replace(person, display_name=name or person.display_name, avatar=avatar or person.avatar)
    return types.Face(person, words or "", _roles(roles or ()), face_id)


def _roles(names: Iterable[str]) -> tuple[Role, ...]:
    return tuple(Role(name) for name in names)


def _trait(columns: Sequence[Any]) -> types.Trait:
    trait_id, kind, words, first_year, years = columns
    band = None if first_year is None else AgeBand(first_year, years)
    return types.Trait(trait_id, TraitKind(kind), tuple(words), band)


def _own_trait(columns: Sequence[Any]) -> types.OwnTrait:
    return types.OwnTrait(_trait(columns[:5]), _rule(*columns[5:]))


def find_named(viewer: Viewer, words: str, *, cursor: int | None = None, limit: int = 24) -> Page[types.Face]:
    """Who is called so by the face that this viewer sees, or has just this handle; nobody across a block.

    By which other names somebody goes is not found out: the face that is shown must say the words itself.
    Cost: two queries over the names of everybody; none for no words.
    """
    words, limit = fold(words.strip().lstrip("@")), max(1, min(limit, MAX_PAGE))
    if not words:
        return Page((), None)
    pattern = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = db.rows(
        """
        SELECT p.id FROM identity_user p WHERE p.is_active AND (%(cursor)s::bigint IS NULL OR p.id > %(cursor)s::bigint)
        AND (p.display_name ILIKE %(pattern)s OR p.handle = %(words)s
             OR EXISTS (SELECT FROM social_face f WHERE f.owner_id = p.id AND f.name ILIKE %(pattern)s))
        ORDER BY p.id LIMIT %(limit)s
        """,
        {"cursor": cursor, "words": words, "pattern": f"%{pattern}%", "limit": limit + 1},
    )
    ids = [person for (person,) in found]
    faces = faces_met(viewer, ids[:limit])
    called = [faces[one] for one in ids[:limit] if one in faces and _is_called(faces[one].person, words)]
    return Page(tuple(called), ids[limit - 1] if len(ids) > limit else None)


def _is_called(person: Person, words: str) -> bool:
    return words in fold(person.display_name) or words == person.handle


def _rule(owner_id: int, opens: Iterable[int], closes: Iterable[int]) -> AudienceRule:
    return rule_of(Sight(owner_id, tuple(opens), tuple(closes)))
