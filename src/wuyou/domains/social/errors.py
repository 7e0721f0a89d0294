"""What relations refuse. Who is blocked is told that there is no such person (`identity.person_not_found`)."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class NotYourself(DomainError):
    """Relations are with others."""

    code = "social.not_yourself"


class UnblockFirst(DomainError):
    """You block this person."""

    code = "social.unblock_first"
    kind = ErrorKind.CONFLICT


class ReasonMalformed(DomainError):
    """A friend request says why, in 1 to 200 characters."""

    code = "social.reason_malformed"


class AskedRecently(DomainError):
    """They declined; ask again later. Facts: days."""

    code = "social.asked_recently"
    kind = ErrorKind.LIMIT


class RequestNotFound(DomainError):
    """No such friend request, or not yours."""

    code = "social.request_not_found"
    kind = ErrorKind.NOT_FOUND


class RequestClosed(DomainError):
    """The friend request was answered or withdrawn before."""

    code = "social.request_closed"
    kind = ErrorKind.CONFLICT


class LabelNotFound(DomainError):
    """No such label, or not yours."""

    code = "social.label_not_found"
    kind = ErrorKind.NOT_FOUND


class LabelMalformed(DomainError):
    """A label's name has 1 to 20 printable characters."""

    code = "social.label_malformed"


class LabelTaken(DomainError):
    """You have a label of this name. Facts: label."""

    code = "social.label_taken"
    kind = ErrorKind.CONFLICT


class NoteMalformed(DomainError):
    """A note on a person has at most 200 printable characters."""

    code = "social.note_malformed"


class AudienceTooLarge(DomainError):
    """A rule names at most so many persons, labels, things and circles. Facts: most."""

    code = "social.audience_too_large"


class GiftNotFound(DomainError):
    """No such gift, or not yours."""

    code = "social.gift_not_found"
    kind = ErrorKind.NOT_FOUND


class GiftClosed(DomainError):
    """The gift has moved on. Facts: state."""

    code = "social.gift_closed"
    kind = ErrorKind.CONFLICT


class GiftMalformed(DomainError):
    """A gift says what it is in 1 to 120 characters, with at most 500 characters of words."""

    code = "social.gift_malformed"


class GiftNotWanted(DomainError):
    """This person takes gifts only of whom they know."""

    code = "social.gift_not_wanted"
    kind = ErrorKind.FORBIDDEN


class GiftNeedsCopy(DomainError):
    """A thing is given by handing on a copy, and nothing else is."""

    code = "social.gift_needs_copy"
    kind = ErrorKind.CONFLICT


class CopyOffered(DomainError):
    """This copy is already offered to somebody."""

    code = "social.copy_offered"
    kind = ErrorKind.CONFLICT


class TooManyGifts(DomainError):
    """So many of your gifts wait already. Facts: most."""

    code = "social.too_many_gifts"
    kind = ErrorKind.LIMIT


class TooManyThanks(DomainError):
    """Thanks are worth something because they are rare. Facts: most."""

    code = "social.too_many_thanks"
    kind = ErrorKind.LIMIT


class WordsMalformed(DomainError):
    """Words of thanks have at most 500 characters that can be shown."""

    code = "social.words_malformed"


class ReminderNotFound(DomainError):
    """No such reminder, or not yours."""

    code = "social.reminder_not_found"
    kind = ErrorKind.NOT_FOUND


class FaceNotFound(DomainError):
    """No such face, or not yours. Of many, one is enough."""

    code = "social.face_not_found"
    kind = ErrorKind.NOT_FOUND


class FaceMalformed(DomainError):
    """A face has a name of 1 to 40 printable characters, a picture of the set, and up to 200 characters of words.

    Facts: field.
    """

    code = "social.face_malformed"


class TooManyFaces(DomainError):
    """One has so many faces beside the main one. Facts: most."""

    code = "social.too_many_faces"
    kind = ErrorKind.LIMIT


class TraitNotFound(DomainError):
    """You say no such thing of yourself."""

    code = "social.trait_not_found"
    kind = ErrorKind.NOT_FOUND


class TraitMalformed(DomainError):
    """A hobby has 1 to 30 printable characters, a place 1 to 3 such words; an age is of 5 or 10 years. Facts: field."""

    code = "social.trait_malformed"


class TooManyTraits(DomainError):
    """One says so many of this kind of oneself. Facts: most."""

    code = "social.too_many_traits"
    kind = ErrorKind.LIMIT


class AgeRefuted(DomainError):
    """The real-name proof says otherwise."""

    code = "social.age_refuted"
    kind = ErrorKind.CONFLICT


class AgeNotProven(DomainError):
    """No real-name proof says that you are an adult."""

    code = "social.age_not_proven"
    kind = ErrorKind.CONFLICT


class AgeTooOpen(DomainError):
    """Who is under 18 opens their age to friends and chosen people alone."""

    code = "social.age_too_open"
    kind = ErrorKind.FORBIDDEN
