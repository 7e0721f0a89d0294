"""What the catalogue refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class ProductNotFound(DomainError):
    """No such product, or it is not listed."""

    code = "catalog.product_not_found"
    kind = ErrorKind.NOT_FOUND


class VariantNotFound(DomainError):
    """No such variant, or its product is not listed."""

    code = "catalog.variant_not_found"
    kind = ErrorKind.NOT_FOUND


class ShopNotFound(DomainError):
    """No such shop, or not yours."""

    code = "catalog.shop_not_found"
    kind = ErrorKind.NOT_FOUND


class TextMalformed(DomainError):
    """A name or title is 1 to 120 printable characters. Facts: field."""

    code = "catalog.text_malformed"


class PriceOutOfRange(DomainError):
    """A price is at least one of the smallest unit; the team price is lower than the price alone."""

    code = "catalog.price_out_of_range"


class TooManyVariants(DomainError):
    """Facts: most."""

    code = "catalog.too_many_variants"
    kind = ErrorKind.CONFLICT


class PhotoNotFound(DomainError):
    """No such photograph, or none that the reader may see."""

    code = "catalog.photo_not_found"
    kind = ErrorKind.NOT_FOUND


class PhotoNameUnknown(DomainError):
    """The shop has no photograph of this name that is free for this product. Facts: name."""

    code = "catalog.photo_name_unknown"


class TooManyPhotos(DomainError):
    """Of one product, or put aside. Facts: most."""

    code = "catalog.too_many_photos"
    kind = ErrorKind.CONFLICT


class InvitationNotFound(DomainError):
    """Nobody asks you to work there, or no longer."""

    code = "catalog.invitation_not_found"
    kind = ErrorKind.NOT_FOUND


class ClerkNotFound(DomainError):
    """Nobody of this name works in the shop, or can be asked to."""

    code = "catalog.clerk_not_found"
    kind = ErrorKind.NOT_FOUND


class ClerkThere(DomainError):
    """They own the shop, work in it, or have been asked already."""

    code = "catalog.clerk_there"
    kind = ErrorKind.CONFLICT


class TooManyClerks(DomainError):
    """Facts: most."""

    code = "catalog.too_many_clerks"
    kind = ErrorKind.CONFLICT


class StaffOnly(DomainError):
    """The operator's staff decides this."""

    code = "catalog.staff_only"
    kind = ErrorKind.FORBIDDEN


class KeywordNotFound(DomainError):
    """No such keyword, or none that is for this."""

    code = "catalog.keyword_not_found"
    kind = ErrorKind.NOT_FOUND


class KeywordMalformed(DomainError):
    """A keyword has a name of 1 to 20 printable characters, without “|”, in each language. Facts: field."""

    code = "catalog.keyword_malformed"


class KeywordTaken(DomainError):
    """There is a keyword of this kind and name, perhaps a retired one."""

    code = "catalog.keyword_taken"
    kind = ErrorKind.CONFLICT


class TooManyKeywords(DomainError):
    """On one thing, or of one kind. Facts: most."""

    code = "catalog.too_many_keywords"
    kind = ErrorKind.CONFLICT
