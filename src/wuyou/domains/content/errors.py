"""What content refuses."""

from __future__ import annotations

from wuyou.kernel.errors import DomainError, ErrorKind


class PostNotFound(DomainError):
    """No such post, or none that you may see."""

    code = "content.post_not_found"
    kind = ErrorKind.NOT_FOUND


class PhotoNotFound(DomainError):
    """No such picture, or none that you may see."""

    code = "content.photo_not_found"
    kind = ErrorKind.NOT_FOUND


class FilmNotFound(DomainError):
    """No such film, or none that you may see."""

    code = "content.film_not_found"
    kind = ErrorKind.NOT_FOUND


class FilmMisplaced(DomainError):
    """Only a video has a film, and it has no other pictures than the one that stands for it."""

    code = "content.film_misplaced"


class CommentNotFound(DomainError):
    """No such comment, or none that you may see."""

    code = "content.comment_not_found"
    kind = ErrorKind.NOT_FOUND


class SeriesNotFound(DomainError):
    """No such series of yours."""

    code = "content.series_not_found"
    kind = ErrorKind.NOT_FOUND


class TextMalformed(DomainError):
    """Empty, too long, or with signs that cannot be shown. Facts: field."""

    code = "content.text_malformed"


class PostIncomplete(DomainError):
    """What is published has a picture, or a text; an article a title and a text; a video its film. Facts: kind."""

    code = "content.post_incomplete"


class TagMalformed(DomainError):
    """A tag names one thing or product, and a place that its post has; in a film, a moment before its end."""

    code = "content.tag_malformed"


class TooMany(DomainError):
    """More than a post, or a day, may hold. Facts: what (photos, tags, tags_of_photo, topics, series), most."""

    code = "content.too_many"
    kind = ErrorKind.LIMIT


class TopicMalformed(DomainError):
    """A topic is one word of up to 30 letters, digits and Chinese signs."""

    code = "content.topic_malformed"


class NotInFuture(DomainError):
    """A post is scheduled for a moment to come, within a year."""

    code = "content.not_in_future"


class AlreadyPublished(DomainError):
    """What is published is edited, not published again."""

    code = "content.already_published"
    kind = ErrorKind.CONFLICT


class NotYetPublished(DomainError):
    """It has no readers yet."""

    code = "content.not_yet_published"
    kind = ErrorKind.CONFLICT


class SeriesNameTaken(DomainError):
    """You have a series of this title."""

    code = "content.series_name_taken"
    kind = ErrorKind.CONFLICT
