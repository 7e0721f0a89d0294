"""Every read of identity."""

from wuyou.domains.identity.queries.people import (
    count_people,
    find_person,
    get_person,
    persons_by_handle,
    persons_by_id,
)
from wuyou.domains.identity.queries.person import export_person
from wuyou.domains.identity.queries.tokens import find_actor_by_token, tokens_of_use

__all__ = [
    "count_people",
    "export_person",
    "find_actor_by_token",
    "find_person",
    "get_person",
    "persons_by_handle",
    "persons_by_id",
    "tokens_of_use",
]
