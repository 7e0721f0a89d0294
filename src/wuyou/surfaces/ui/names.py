"""What people are called, wherever something of theirs is shown."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wuyou.domains.identity.types import Person


def name_of(person: Person) -> str:
    """What a person is called; a word for who is gone."""
    return _("Erased person") if person.is_erased else person.display_name
