"""What conversations refuse."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class ConversationNotFound(DomainError):
    """No such conversation, or not yours, or a block stands between you two."""

    code = "messaging.conversation_not_found"
    kind = ErrorKind.NOT_FOUND


class MessageNotFound(DomainError):
    """No such message, or none that you may see."""

    code = "messaging.message_not_found"
    kind = ErrorKind.NOT_FOUND


class MessageEmpty(DomainError):
    """A message says something: a text, photos, a thing or a product."""

    code = "messaging.message_empty"


class MessageTooLong(DomainError):
    """Too many characters. Facts: most."""

    code = "messaging.message_too_long"


class MessageMalformed(DomainError):
    """Signs that cannot be shown, or more than one of photos, thing and product."""

    code = "messaging.message_malformed"


class TooManyPhotos(DomainError):
    """More photos than a message may hold. Facts: most."""

    code = "messaging.too_many_photos"


class ClientIdMalformed(DomainError):
    """A client id has 8 to 64 letters, digits, dashes and underscores."""

    code = "messaging.client_id_malformed"


class ClientIdReused(DomainError):
    """You used this client id in another conversation."""

    code = "messaging.client_id_reused"
    kind = ErrorKind.CONFLICT


class TooLate(DomainError):
    """A message is changed or withdrawn within two minutes. Facts: minutes."""

    code = "messaging.too_late"
    kind = ErrorKind.CONFLICT


class AwaitingAnswer(DomainError):
    """They have not answered what you sent; wait until they do."""

    code = "messaging.awaiting_answer"
    kind = ErrorKind.CONFLICT


class DoorClosed(DomainError):
    """This person takes no messages or calls from people like you."""

    code = "messaging.door_closed"
    kind = ErrorKind.FORBIDDEN


class NothingInCommon(DomainError):
    """A call-out names things that both have. Facts: none."""

    code = "messaging.nothing_in_common"


class TooManyToday(DomainError):
    """Enough for today. Facts: most."""

    code = "messaging.too_many_today"
    kind = ErrorKind.LIMIT


class NotYourself(DomainError):
    """Conversations are with others."""

    code = "messaging.not_yourself"


class GroupNameMalformed(DomainError):
    """A group's name has 1 to 40 printable characters."""

    code = "messaging.group_name_malformed"


class GroupTooLarge(DomainError):
    """A group has at most so many members. Facts: most."""

    code = "messaging.group_too_large"


class FriendsOnly(DomainError):
    """Only friends are put into a group."""

    code = "messaging.friends_only"
    kind = ErrorKind.FORBIDDEN


class AdminsOnly(DomainError):
    """Only who runs the group may do this."""

    code = "messaging.admins_only"
    kind = ErrorKind.FORBIDDEN


class NotAGroup(DomainError):
    """This is a conversation of two."""

    code = "messaging.not_a_group"
