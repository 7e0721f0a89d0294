"""What people say of themselves, made fit to be kept and to be found. Values in, values out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from wuyou.domains.identity.types import ProvenAge, RealNameProof
from wuyou.domains.social import errors
from wuyou.domains.social.types import AgeBand, FaceDraft, Role
from wuyou.kernel.sight import AudienceRule

MAX_WORD, MAX_WORDS = 30, 200
FIRST_YEAR = 1900
OF_AGE, YOUNGEST = 18, 14
"""Full years. Who is younger than 14 needs a guardian, whom nothing here asks. Source: PIPL, article 31."""

_LAWFUL_DAY = ZoneInfo("Asia/Shanghai")
_AVATAR = re.compile(r"[a-z0-9-]{0,40}")
_APART = re.compile(r"[\s,，、·/]+")
_KINDS_OF_PLACE = ("特别行政区", "自治区", "省", "市")


def normal(text: str) -> str:
    """What makes two spellings one: `normal(" Ｌｅｉｃａ  M6 ") == "leica m6"`."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def terms_of_place(words: Iterable[str]) -> list[str]:
    """By which words a place is found: `terms_of_place(["浙江省", "杭州市"]) == ["杭州", "浙江"]`."""
    return sorted({_bare(term) for word in words for term in _APART.split(normal(word)) if term})


def terms_of_age(band: AgeBand | None) -> list[str]:
    """By what an age is found: the five years that it covers, so that ages which can be the same have one in common.

    Worked: `terms_of_age(AgeBand(1990, 10)) == ["1990", "1995"]`. Without a band it is the proof's: an adult.
    """
    if band is None:
        return ["adult"]
    return [str(year) for year in range(band.first_year, band.last_year + 1, 5)]


def clean_word(text: str, field: str) -> str:
    """A hobby or a word of a place, as it is said. Raises `TraitMalformed`."""
    text = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(text) <= MAX_WORD or not text.isprintable() or not normal(text):
        raise errors.TraitMalformed(field=field)
    return text


def clean_place(words: Sequence[str]) -> list[str]:
    """Country, region, city: those that are said, in this order. Raises `TraitMalformed`."""
    cleaned = [clean_word(word, "place") for word in words if word.strip()]
    if not 0 < len(cleaned) <= 3 or not terms_of_place(cleaned):
        raise errors.TraitMalformed(field="place")
    return cleaned


def clean_face(draft: FaceDraft) -> FaceDraft:
    """A further face, fit to be kept. Raises `FaceMalformed`."""
    name = unicodedata.normalize("NFC", draft.name).strip()
    if not 0 < len(name) <= 40 or not name.isprintable():
        raise errors.FaceMalformed(field="name")
    if not _AVATAR.fullmatch(draft.avatar):
        raise errors.FaceMalformed(field="avatar")
    return FaceDraft(name, draft.avatar, clean_own_words(draft.words), clean_roles(draft.roles), draft.audience)


def clean_own_words(text: str) -> str:
    """A few words about oneself, in a line. Raises `FaceMalformed`."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) > MAX_WORDS or not text.isprintable():
        raise errors.FaceMalformed(field="words")
    return text


def clean_roles(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Roles in the order in which they stand in the list, each once; being a member need not be said."""
    said = set(roles) - {Role.MEMBER}
    return tuple(role for role in Role if role in said)


def check_band(band: AgeBand, now: datetime) -> None:
    """Whether there can be such an age. Raises `TraitMalformed`."""
    is_band = band.years in (5, 10) and band.first_year % band.years == 0
    if not is_band or not FIRST_YEAR <= band.first_year <= _year(now) - YOUNGEST:
        raise errors.TraitMalformed(field="age")


def require_not_refuted(band: AgeBand | None, proof: RealNameProof | None) -> None:
    """A stated age may be what the proof says; without a band, the proof says that one is an adult.

    Worked: who was an adult on a day of 2026 was born in 2008 at the latest; who was not, in 2008 at the earliest.
    Raises: `AgeRefuted`, `AgeNotProven`.
    """
    if band is None:
        if proof is None or proof.age_band is not ProvenAge.ADULT:
            raise errors.AgeNotProven()
    elif proof is not None:
        turn = proof.checked_on.year - OF_AGE
        is_adult = proof.age_band is ProvenAge.ADULT
        if band.first_year > turn if is_adult else band.last_year < turn:
            raise errors.AgeRefuted()


def require_not_too_open(band: AgeBand | None, proof: RealNameProof | None, rule: AudienceRule, now: datetime) -> None:
    """The age of who is under 18 is not for just anybody. Raises `AgeTooOpen`."""
    is_minor = band is not None and band.first_year > _year(now) - OF_AGE
    if proof is not None and proof.age_band is ProvenAge.UNDER_18:
        # Who was 14 at least is of age after four years at the latest.
        is_minor = is_minor or _year(now) <= proof.checked_on.year + OF_AGE - YOUNGEST
    if is_minor and (rule.to.everyone or rule.to.followers or rule.to.holders or rule.to.circles):
        raise errors.AgeTooOpen()


def _bare(term: str) -> str:
    """Without the word for what kind of place it is, where something is left of it."""
    for kind in _KINDS_OF_PLACE:
        if term.endswith(kind) and len(term) >= len(kind) + 2:
            return term.removesuffix(kind)
    return term


def _year(now: datetime) -> int:
    return now.astimezone(_LAWFUL_DAY).year
