"""What group buying refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class CampaignNotFound(DomainError):
    """The product is not sold to teams, or not yours."""

    code = "groupbuy.campaign_not_found"
    kind = ErrorKind.NOT_FOUND


class CampaignMalformed(DomainError):
    """A team has 2 to 200 people and up to 30 days; limits are positive. Facts: field."""

    code = "groupbuy.campaign_malformed"


class CampaignOverlaps(DomainError):
    """The product is already sold to teams in this time."""

    code = "groupbuy.campaign_overlaps"
    kind = ErrorKind.CONFLICT


class CampaignClosed(DomainError):
    """Not open yet, or over."""

    code = "groupbuy.campaign_closed"
    kind = ErrorKind.CONFLICT


class TeamNotFound(DomainError):
    """No such team, or its leader has not paid yet."""

    code = "groupbuy.team_not_found"
    kind = ErrorKind.NOT_FOUND


class TeamFull(DomainError):
    """Every seat is taken; one may come free when someone does not pay."""

    code = "groupbuy.team_full"
    kind = ErrorKind.CONFLICT


class TeamClosed(DomainError):
    """The team has formed, run out of time or been cancelled. Facts: state."""

    code = "groupbuy.team_closed"
    kind = ErrorKind.CONFLICT


class AlreadyMember(DomainError):
    """One person has one seat in a team."""

    code = "groupbuy.already_member"
    kind = ErrorKind.CONFLICT


class TooManyPieces(DomainError):
    """More than one order may hold. Facts: most."""

    code = "groupbuy.too_many_pieces"


class PersonLimitReached(DomainError):
    """More than one person may buy in this campaign. Facts: most."""

    code = "groupbuy.person_limit_reached"
    kind = ErrorKind.CONFLICT


class CampaignSoldOut(DomainError):
    """All pieces of the campaign are taken."""

    code = "groupbuy.campaign_sold_out"
    kind = ErrorKind.CONFLICT


class NewBuyersOnly(DomainError):
    """Only who never bought here may join this campaign's teams."""

    code = "groupbuy.new_buyers_only"
    kind = ErrorKind.CONFLICT


class WrongProduct(DomainError):
    """The variant is not of the product that this team buys."""

    code = "groupbuy.wrong_product"
