"""Every read of identity."""

from wuyou.domains.identity.queries.accounts import (
    contacts_of,
    find_handle_by_name,
    find_real_name_proof,
    find_user_id_by_contact,
    list_access_tokens,
    list_sessions,
    ways_in,
)
from wuyou.domains.identity.queries.leaving import EXPORT_FILE, find_leaving, list_exports, open_export
from wuyou.domains.identity.queries.people import (
    PERSON_SQL,
    count_people,
    find_person,
    get_person,
    names_met_by,
    person_of,
    persons_by_handle,
    persons_by_id,
    persons_met,
)
from wuyou.domains.identity.queries.person import export_person
from wuyou.domains.identity.queries.tokens import find_actor_by_token, find_outlet_by_token, tokens_of_use

__all__ = [
    "EXPORT_FILE",
    "PERSON_SQL",
    "contacts_of",
    "count_people",
    "export_person",
    "find_actor_by_token",
    "find_handle_by_name",
    "find_leaving",
    "find_outlet_by_token",
    "find_person",
    "find_real_name_proof",
    "find_user_id_by_contact",
    "get_person",
    "list_access_tokens",
    "list_exports",
    "list_sessions",
    "names_met_by",
    "open_export",
    "person_of",
    "persons_by_handle",
    "persons_by_id",
    "persons_met",
    "tokens_of_use",
    "ways_in",
]
