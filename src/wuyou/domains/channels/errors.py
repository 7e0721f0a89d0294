"""What channels refuse."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class ChannelNotFound(DomainError):
    """No such channel, or none that is open."""

    code = "channels.channel_not_found"
    kind = ErrorKind.NOT_FOUND


class EditorsOnly(DomainError):
    """Editors define channels, and place posts."""

    code = "channels.editors_only"
    kind = ErrorKind.FORBIDDEN


class StaffOnly(DomainError):
    """Staff say who is an editor."""

    code = "channels.staff_only"
    kind = ErrorKind.FORBIDDEN


class SlugMalformed(DomainError):
    """Two to sixteen small letters, digits and hyphens, a letter first, and no word that an address needs."""

    code = "channels.slug_malformed"


class SlugTaken(DomainError):
    """Another channel is known by it."""

    code = "channels.slug_taken"
    kind = ErrorKind.CONFLICT


class TextMalformed(DomainError):
    """Empty, too long, or with signs that cannot be shown. Facts: field (name, name_en, about, about_en, picture,
    reason)."""

    code = "channels.text_malformed"


class PositionMalformed(DomainError):
    """A place in an order is a whole number. Facts: most."""

    code = "channels.position_malformed"


class RuleEmpty(DomainError):
    """A rule that asks for nothing takes everything."""

    code = "channels.rule_empty"


class RuleMalformed(DomainError):
    """A part of a rule lies outside of its bounds. Facts: field, least, most."""

    code = "channels.rule_malformed"


class RuleContradicts(DomainError):
    """What it asks for it shuts out too. Facts: topic."""

    code = "channels.rule_contradicts"


class ThingUnknown(DomainError):
    """A rule names things that everybody may know of. Facts: thing."""

    code = "channels.thing_unknown"


class RuleChanged(DomainError):
    """Somebody else has saved a rule meanwhile."""

    code = "channels.rule_changed"
    kind = ErrorKind.CONFLICT


class PostNotFound(DomainError):
    """No such post that is open to everyone: nothing else can be placed."""

    code = "channels.post_not_found"
    kind = ErrorKind.NOT_FOUND


class NotInFuture(DomainError):
    """A hand placement ends at a moment to come, within a year."""

    code = "channels.not_in_future"


class HandNotFound(DomainError):
    """No editor has placed this post here."""

    code = "channels.hand_not_found"
    kind = ErrorKind.NOT_FOUND


class TooManyChannels(DomainError):
    """There are as many as readers can look through. Facts: most."""

    code = "channels.too_many_channels"
    kind = ErrorKind.LIMIT
