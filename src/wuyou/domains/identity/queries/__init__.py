"""Every read of identity."""

from wuyou.domains.identity.queries.leaving import EXPORT_FILE, find_leaving, list_exports, open_export
from wuyou.domains.identity.queries.people import (
    count_people,
    find_person,
    get_person,
    names_met_by,
    persons_by_handle,
    persons_by_id,
)
from wuyou.domains.identity.queries.person import export_person
from wuyou.domains.identity.queries.tokens import find_actor_by_token, tokens_of_use

__all__ = [
    "EXPORT_FILE",
    "count_people",
    "export_person",
    "find_actor_by_token",
    "find_leaving",
    "find_person",
    "get_person",
    "list_exports",
    "names_met_by",
    "open_export",
    "persons_by_handle",
    "persons_by_id",
    "tokens_of_use",
]
