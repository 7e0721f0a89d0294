"""What becomes of a person's choices."""

from __future__ import annotations

from wuyou.infra.person_data import PersonColumns

PERSON_COLUMNS = PersonColumns(erased=("feed_preference.person_id",))
