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
    """A rate is 0 to 9,000 bps, the three shares sum to 10,000 bps, and a period ends after it begins.

    Facts: field.
    """

    code = "alliance.plan_malformed"


class PlanBackdated(DomainError):
    """A plan begins now or later: what held yesterday stays what held yesterday. Facts: from_."""

    code = "alliance.plan_backdated"


class PlanOverlaps(DomainError):
    """Another plan for the same goods already begins inside this period."""

    code = "alliance.plan_overlaps"
    kind = ErrorKind.CONFLICT


class SlotMalformed(DomainError):
    """A slot's name is 1 to 40 printable characters; those that begin with `post:` are made by the tags of posts."""

    code = "alliance.slot_malformed"


class PathMalformed(DomainError):
    """A link leads to a path on this site: it begins with one slash and has at most 200 characters."""

    code = "alliance.path_malformed"


class PartnerMalformed(DomainError):
    """The tool provider of a link, or the recruiter of a shop, is another publisher that exists."""

    code = "alliance.partner_malformed"


class VisitorMalformed(DomainError):
    """A visitor's token is 1 to 64 characters."""

    code = "alliance.visitor_malformed"
