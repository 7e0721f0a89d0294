"""One mail for all that waits: what happened, in a sentence each, and the way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from wuyou.domains.identity.providers import senders
from wuyou.domains.identity.types import Contact, Person
from wuyou.domains.notifications.types import Waiting
from wuyou.kernel import tokens
from wuyou.surfaces.storefront.outgoing import links
from wuyou.surfaces.storefront.viewmodels.notifications import Told, tell


def compose(person_id: int, waiting: Waiting, people: Mapping[int, Person], to: Contact) -> senders.Message:
    """What waits, in the person's language. It holds who did what, and nothing that anybody wrote."""
    with translation.override(waiting.preference.language or settings.LANGUAGE_CODE):
        told = [tell(group, people) for group in waiting.groups]
        stop = links.stop_mail(person_id)
        facts = {
            "told": [(each.text, links.absolute(each.href)) for each in told],
            "settings_href": links.absolute(reverse("storefront:notification-settings")),
            "stop_href": stop,
            "language": translation.get_language(),
        }
        return senders.Message(
            to,
            _subject(told),
            render_to_string("storefront/mail/digest.txt", facts),
            render_to_string("storefront/mail/digest.html", facts),
            {
                # The same that waits makes the same id: a mailbox can tell a repetition.
                "Message-ID": f"<{tokens.digest(f'{person_id}:{sorted(waiting.ids)}')[:32]}@{_host()}>",
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Content-Language": str(translation.get_language()),
            },
        )


def _subject(told: Sequence[Told]) -> str:
    first = " ".join(told[0].text.split())
    if len(told) == 1:
        return first
    return _("%(first)s And %(n)s more") % {"first": first, "n": len(told) - 1}


def _host() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">")
