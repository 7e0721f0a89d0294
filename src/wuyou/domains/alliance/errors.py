"""What the alliance refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class PublisherNotFound(DomainError):
    """No such publisher."""

    code = "alliance.publisher_not_found"
    kind = ErrorKind.NOT_FOUND


class LinkNotFound(DomainError):
    """No link has this token."""

    code = "alliance.link_not_found"
    kind = ErrorKind.NOT_FOUND


class ProductNotFound(DomainError):
    """There is no such product to link to, or not in this shop."""

    code = "alliance.product_not_found"
    kind = ErrorKind.NOT_FOUND


class NotYourself(DomainError):
    """Everyone joins the alliance, and acts in it, for themselves."""

    code = "alliance.not_yourself"
    kind = ErrorKind.FORBIDDEN


class PlanMalformed(DomainError):
    """Rate and fees are 0 to 9,000 bps together, the three shares sum to 10,000 bps, a period ends after it begins, and
    first pieces are paid more. Facts: field.
    """

    code = "alliance.plan_malformed"


class PlanBackdated(DomainError):
    """A plan begins now or later: what held yesterday stays what held yesterday. Facts: from_."""

    code = "alliance.plan_backdated"


class PlanLocked(DomainError):
    """The shop has promised not to pay less before a moment. Facts: locked_until."""

    code = "alliance.plan_locked"
    kind = ErrorKind.CONFLICT


class SlotMalformed(DomainError):
    """A slot's name is 1 to 40 printable characters; those that begin with `post:` or `list:` are
    made by the tags of posts and by selections.
    """

    code = "alliance.slot_malformed"


class SlotNotFound(DomainError):
    """No such place for links, or not yours."""

    code = "alliance.slot_not_found"
    kind = ErrorKind.NOT_FOUND


class SelectionNotFound(DomainError):
    """No such selection, or none that one may see; or these goods are not in it."""

    code = "alliance.selection_not_found"
    kind = ErrorKind.NOT_FOUND


class SelectionMalformed(DomainError):
    """A selection has a name of 1 to 60 characters, and words of goods have at most 120. Facts: field."""

    code = "alliance.selection_malformed"


class SelectionNameTaken(DomainError):
    """One has a selection of this name."""

    code = "alliance.selection_name_taken"
    kind = ErrorKind.CONFLICT


class SelectionFull(DomainError):
    """One has as many selections, or a selection as many goods, as there is room for. Facts: most."""

    code = "alliance.selection_full"
    kind = ErrorKind.CONFLICT


class LibraryMalformed(DomainError):
    """An exclusive library holds 1 to 50 goods of the shop, each once, and is for somebody else. Facts: field."""

    code = "alliance.library_malformed"


class LibraryExclusive(DomainError):
    """This library is for one publisher alone: nobody else is invited to it."""

    code = "alliance.library_exclusive"
    kind = ErrorKind.CONFLICT


class PathMalformed(DomainError):
    """A link leads to a path on this site: it begins with one slash and has at most 200 characters."""

    code = "alliance.path_malformed"


class PartnerMalformed(DomainError):
    """The tool provider of a link, or the recruiter of a shop, is another publisher that exists."""

    code = "alliance.partner_malformed"


class VisitorMalformed(DomainError):
    """A visitor's token is 1 to 64 characters."""

    code = "alliance.visitor_malformed"


class ShareMalformed(DomainError):
    """A slot is shared with another publisher, for more than nothing and less than everything."""

    code = "alliance.share_malformed"


class SlotShared(DomainError):
    """A slot of this name is there, shared otherwise; whom a slot is shared with never changes."""

    code = "alliance.slot_shared"
    kind = ErrorKind.CONFLICT


class SubsidyMalformed(DomainError):
    """A subsidy has a name, a rate of 1 to 10,000 bps, a cap and a budget above zero, and ends after it begins.

    Facts: field.
    """

    code = "alliance.subsidy_malformed"


class StaffOnly(DomainError):
    """The operator's staff decides this."""

    code = "alliance.staff_only"
    kind = ErrorKind.FORBIDDEN


class CollaborationNotFound(DomainError):
    """No such collaboration, or none that one may know of."""

    code = "alliance.collaboration_not_found"
    kind = ErrorKind.NOT_FOUND


class CollaborationMalformed(DomainError):
    """A collaboration has a name of 1 to 80 characters, terms of at most 2,000, and no open one has its name.

    Facts: field.
    """

    code = "alliance.collaboration_malformed"


class NoApplications(DomainError):
    """This collaboration is by invitation only, or is closed."""

    code = "alliance.no_applications"
    kind = ErrorKind.CONFLICT


class ParticipationChanged(DomainError):
    """It is not in a state any more in which this can be done. Facts: state."""

    code = "alliance.participation_changed"
    kind = ErrorKind.CONFLICT


class ActivityNotFound(DomainError):
    """No such activity."""

    code = "alliance.activity_not_found"
    kind = ErrorKind.NOT_FOUND


class ActivityMalformed(DomainError):
    """An activity has a title of 1 to 80 characters, a brief of at most 2,000, keywords of its kinds, rates
    above zero that fit together, and enrols and ends after now. Facts: field.
    """

    code = "alliance.activity_malformed"


class ActivityClosed(DomainError):
    """Nobody enrols in this activity any more."""

    code = "alliance.activity_closed"
    kind = ErrorKind.CONFLICT


class NoRecruiter(DomainError):
    """Who recruits merchants is let to by the operator."""

    code = "alliance.no_recruiter"
    kind = ErrorKind.FORBIDDEN


class EnrolmentNotFound(DomainError):
    """No such enrolment, or none that one may know of."""

    code = "alliance.enrolment_not_found"
    kind = ErrorKind.NOT_FOUND


class EnrolmentChanged(DomainError):
    """It was decided, or withdrawn, before. Facts: state."""

    code = "alliance.enrolment_changed"
    kind = ErrorKind.CONFLICT


class RateTooLow(DomainError):
    """The activity asks for a higher rate. Facts: least_rate_bps."""

    code = "alliance.rate_too_low"


class AlreadyEnrolled(DomainError):
    """These goods wait in this activity, or were accepted."""

    code = "alliance.already_enrolled"
    kind = ErrorKind.CONFLICT


class HoldNotFound(DomainError):
    """Nothing of this number is looked at, or nothing that one may know of."""

    code = "alliance.hold_not_found"
    kind = ErrorKind.NOT_FOUND


class HoldDecided(DomainError):
    """Somebody, or time, decided or appealed before. Facts: state."""

    code = "alliance.hold_decided"
    kind = ErrorKind.CONFLICT


class SecondPersonNeeded(DomainError):
    """Who decided first does not answer the appeal, and nobody decides of a sale of their own."""

    code = "alliance.second_person_needed"
    kind = ErrorKind.FORBIDDEN


class WordsMalformed(DomainError):
    """A decision or an appeal has words, at most 1,000 characters."""

    code = "alliance.words_malformed"
