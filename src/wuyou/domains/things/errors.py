"""What things refuse."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class ThingNotFound(DomainError):
    """No such thing."""

    code = "things.thing_not_found"
    kind = ErrorKind.NOT_FOUND


class BrandNotFound(DomainError):
    """A thing without a brand."""

    code = "things.brand_not_found"
    kind = ErrorKind.NOT_FOUND


class HoldingNotFound(DomainError):
    """No such copy, or none that you may see or change. Of many, one is enough."""

    code = "things.holding_not_found"
    kind = ErrorKind.NOT_FOUND


class ShelfNotFound(DomainError):
    """No such shelf, or not yours."""

    code = "things.shelf_not_found"
    kind = ErrorKind.NOT_FOUND


class TextMalformed(DomainError):
    """A name has 1 to 200 printable characters, a shelf 1 to 60, a label 1 to 30; a story up to 5,000. Facts: field."""

    code = "things.text_malformed"


class FieldsMalformed(DomainError):
    """A copy has up to 20 fields of different names, of 1 to 30 characters, with 1 to 200 characters of text each."""

    code = "things.fields_malformed"


class RatingOutOfRange(DomainError):
    """A rating is a whole number from 1 to 5."""

    code = "things.rating_out_of_range"


class TreeMalformed(DomainError):
    """A family has nothing above it, a model a family or nothing, a variant a model; only the like are merged."""

    code = "things.tree_malformed"


class QuestionMalformed(DomainError):
    """People are looked for by 1 to 1,000 things in common, 20 things to have, 200 characters of a brand, 12 hobbies of
    up to 30 characters, 100 characters of a place, and a role other than being a member.

    Facts: field.
    """

    code = "things.question_malformed"


class NotYours(DomainError):
    """Things are merged by staff."""

    code = "things.not_yours"
    kind = ErrorKind.FORBIDDEN


class MoveRefused(DomainError):
    """What stands so cannot stand otherwise in one step: a wish cannot be lent. Facts: state, to."""

    code = "things.move_refused"
    kind = ErrorKind.CONFLICT


class TooMany(DomainError):
    """One edit is of 1 to 1,000 copies; a copy bears up to 20 labels; a person has up to 100 shelves. Facts: limit."""

    code = "things.too_many"


class ShelfNameTaken(DomainError):
    """The person has a shelf of this name. Facts: name."""

    code = "things.shelf_name_taken"
    kind = ErrorKind.CONFLICT


class SourceReserved(DomainError):
    """Only an order or an import may say that a copy came by it."""

    code = "things.source_reserved"


class ReviewNotFound(DomainError):
    """No such review, or none that you may see or change."""

    code = "things.review_not_found"
    kind = ErrorKind.NOT_FOUND


class AnnotationNotFound(DomainError):
    """No such annotation or answer, or none that you may see or change."""

    code = "things.annotation_not_found"
    kind = ErrorKind.NOT_FOUND


class RegionMalformed(DomainError):
    """A region is a rectangle within a picture: of some width and height, in hundredths of a percent of its sides."""

    code = "things.region_malformed"


class TargetMalformed(DomainError):
    """Words point at one of these, and not at several: a picture, a part, a drawing, a figure."""

    code = "things.target_malformed"


class NotTheMaker(DomainError):
    """Parts, drawings and figures of a thing are published by the shop that sells it, and by staff."""

    code = "things.not_the_maker"
    kind = ErrorKind.FORBIDDEN


class PartNotFound(DomainError):
    """No such part, one that the thing has no longer, or one of a thing that you may not know of."""

    code = "things.part_not_found"
    kind = ErrorKind.NOT_FOUND


class PartNumberTaken(DomainError):
    """Another part of the thing has this number. Facts: number."""

    code = "things.part_number_taken"
    kind = ErrorKind.CONFLICT


class PartsMalformed(DomainError):
    """A part is there 1 to 9,999 times, and lies in no part of itself, nor deeper than six. Facts: deepest, most."""

    code = "things.parts_malformed"


class DrawingNotFound(DomainError):
    """No such drawing, or one of a thing that you may not know of."""

    code = "things.drawing_not_found"
    kind = ErrorKind.NOT_FOUND


class DrawingTitleTaken(DomainError):
    """The thing has a drawing of this title, of which a new version can be published. Facts: title."""

    code = "things.drawing_title_taken"
    kind = ErrorKind.CONFLICT


class FigureNotFound(DomainError):
    """No such figure, or one of a thing that you may not know of."""

    code = "things.figure_not_found"
    kind = ErrorKind.NOT_FOUND


class FigureTaken(DomainError):
    """This quantity is there under this condition, and a new version of it can be published. Facts: quantity."""

    code = "things.figure_taken"
    kind = ErrorKind.CONFLICT


class FigureMalformed(DomainError):
    """The value of a figure is a number of up to 20 digits, of which up to 10 after the point."""

    code = "things.figure_malformed"


class VersionSuperseded(DomainError):
    """A later version was published already."""

    code = "things.version_superseded"
    kind = ErrorKind.CONFLICT


class WordsNotFound(DomainError):
    """Nothing that was said of a thing, or nothing that you may see."""

    code = "things.words_not_found"
    kind = ErrorKind.NOT_FOUND


class PictureNotFound(DomainError):
    """No such picture, or one of something that you may not see or change."""

    code = "things.picture_not_found"
    kind = ErrorKind.NOT_FOUND


class TooManyPictures(DomainError):
    """A review has up to 9 pictures. Facts: most."""

    code = "things.too_many_pictures"


class ImportMalformed(DomainError):
    """The file is not CSV in UTF-8 or GB 18030, has no column of titles, or is larger than 20 MB or 100,000 rows."""

    code = "things.import_malformed"


class PhotoNotFound(DomainError):
    """No such photo, or one of a copy that you may not see or change."""

    code = "things.photo_not_found"
    kind = ErrorKind.NOT_FOUND


class TooManyPhotos(DomainError):
    """A copy has up to 12 photos. Facts: most."""

    code = "things.too_many_photos"
