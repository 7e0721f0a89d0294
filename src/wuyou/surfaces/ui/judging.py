"""The rules of the house in words, and what is done to what breaks them: the same for members, staff and programs."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wuyou.domains.moderation import errors
from wuyou.domains.moderation.types import Category, Outcome, SubjectKind, Verdict
from wuyou.surfaces.ui.parts import Tone

Text = str | Promise

RULES: Final[dict[Category, tuple[Text, Text]]] = {
    Category.FRAUD: (
        _("Fraud"),
        _("Do not cheat anybody, and do not lead people elsewhere to cheat them: no made-up sales or praise, no money "
          "taken outside of the cashier."),
    ),
    Category.COUNTERFEIT: (
        _("Counterfeits"),
        _("Do not sell, offer or praise imitations that pass themselves off as somebody else's make."),
    ),
    Category.GOODS: (
        _("Poor or misdescribed goods"),
        _("Sell what you describe, in the state that you describe: no old stock as new, no waste as goods."),
    ),
    Category.GAMBLING: (
        _("Gambling and illegal trade"),
        _("No gambling, no lending tricks, and nothing whose sale is forbidden."),
    ),
    Category.ADVERTISING: (
        _("Unwanted advertising"),
        _("Do not put advertising and contacts where people speak of things, and do not repeat the same words."),
    ),
    Category.FALSEHOOD: (
        _("Untrue claims"),
        _("Do not state as a fact what you know to be untrue, of a person, a shop or a thing. An honest bad review is "
          "welcome."),
    ),
    Category.HARASSMENT: (
        _("Insults and harassment"),
        _("Do not insult, threaten or pursue anybody, nor set others on them."),
    ),
    Category.PRIVACY: (
        _("Another's private life"),
        _("Do not publish others' addresses, numbers, documents or pictures without their leave."),
    ),
    Category.SEXUAL: (
        _("Sexual content"),
        _("No pornography, and nothing sexual about minors."),
    ),
    Category.VIOLENCE: (
        _("Violence and self-harm"),
        _("Do not call for violence or self-harm, nor show it for its own sake."),
    ),
    Category.RIGHTS: (
        _("Others' words, pictures and names"),
        _("Publish what is yours, or what you may use, and do not pass yourself off as somebody else."),
    ),
    Category.OTHER: (
        _("Something else"),
        _("Do not do here what the law forbids or what makes the place worse for everybody."),
    ),
}  # fmt: skip
"""What each rule is called, and its words: decisions are given in them."""

REFUSALS: Final = (errors.WordsRefused, errors.PictureRefused, errors.Paused)
"""What is said beside a form that keeps what was typed."""

KINDS: Final[dict[SubjectKind, Text]] = {
    SubjectKind.REVIEW: _("Review"),
    SubjectKind.ANNOTATION: _("Annotation"),
    SubjectKind.ANSWER: _("Answer"),
    SubjectKind.COPY: _("Copy of a thing"),
    SubjectKind.POST: _("Post"),
    SubjectKind.COMMENT: _("Comment on a post"),
    SubjectKind.MESSAGE: _("Message"),
    SubjectKind.PERSON: _("Person"),
    SubjectKind.FACE: _("Face"),
    SubjectKind.PRODUCT: _("Product"),
    SubjectKind.SHOP: _("Shop"),
}

OUTCOMES: Final[dict[Outcome, tuple[Text, Tone]]] = {
    Outcome.KEEP: (_("Kept"), "jade"),
    Outcome.WARN: (_("Warned"), "amber"),
    Outcome.WITHHOLD: (_("Withheld"), "amber"),
    Outcome.REMOVE: (_("Removed"), "accent"),
}

VERDICTS: Final[dict[Verdict, tuple[Text, Tone]]] = {
    Verdict.REFUSE: (_("Refuse"), "accent"),
    Verdict.HOLD: (_("Hold"), "amber"),
    Verdict.MARK: (_("Mark"), "plain"),
}


def title_of(category: Category) -> str:
    """What a rule is called."""
    return str(RULES[category][0])


def words_of(category: Category) -> str:
    """What a rule says."""
    return str(RULES[category][1])


def categories_for(kind: SubjectKind) -> tuple[Category, ...]:
    """The rules that such a subject can break: only goods are poor goods."""
    is_sold = kind in {SubjectKind.PRODUCT, SubjectKind.SHOP}
    return tuple(each for each in Category if is_sold or each is not Category.GOODS)
