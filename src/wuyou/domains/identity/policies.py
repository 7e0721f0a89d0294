"""What becomes of what identity holds of a person who leaves."""

from __future__ import annotations

from wuyou.domains.identity import events
from wuyou.infra.person_data import PersonColumns

PERSON_COLUMNS = PersonColumns(
    erased=(
        "identity_access_token.user_id",
        "identity_data_export.person_id",
        "identity_leaving.person_id",
        "identity_phone_number.user_id",
        "identity_real_name_proof.user_id",
        "account_emailaddress.user_id",
        "mfa_authenticator.user_id",
        "usersessions_usersession.user_id",
    ),
    erased_events={
        events.ExportReady: ("person_id",),
        events.SignedInAnew: ("person_id",),
        events.WaysInChanged: ("person_id",),
    },
    kept_events=(events.PersonErased,),
)
