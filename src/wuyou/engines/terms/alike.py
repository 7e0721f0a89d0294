"""Characters that are read as another: lookalikes of Latin letters, and traditional Chinese ones."""

from __future__ import annotations

from functools import cache
from typing import Any

_LOOKALIKES_OF = {
    "a": "ɑΑαАаᎪᗅꓮ",
    "b": "ƄΒВЬᏏᏴᑲᖯᗷꓐꞴ",
    "c": "СсᏟᴄⲤⲥꓚꮯ",
    "d": "ԁᎠᏧᑯᗞᗪꓒꓓ",
    "e": "ΕЕеҽᎬꓰꬲ",
    "f": "ϜքᖴẝꓝꞘꞙꬵ",
    "g": "ƍɡԌցᏀᏳᶃꓖ",
    "h": "ΗНһհᎻᏂᕼⲎꓧ",
    "i": "ıɩɪΙιІіӀӏᎥⲒꙇꭵ",
    "j": "ͿϳЈјᎫᒍꓙꞲ",
    "k": "ΚКᏦⲔꓗ",
    "l": "ƖǀᏞᒪⳐꓡꓲ",
    "m": "ΜϺМᎷᗰⲘꓟ",
    "n": "ΝոռⲚꓠ",
    "o": "ΟοσОоՕօᴏᴑⲞⲟꓳꬽ",
    "p": "ΡρРрᏢᑭⲢⲣꓑ",
    "q": "ԛգզ",
    "r": "ƦгᎡᏒᖇᴦⲅꓣꭇꭈꮁ",
    "s": "ƽЅѕՏᏕᏚꓢꜱꮪ",
    "t": "ΤТᎢⲦꓔ",
    "u": "ʋυՍսᑌᴜꓴꞟꭎꭒ",
    "v": "νѴѵᏙᐯᴠꓦꮩ",
    "w": "ɯѡԜԝաᎳᏔᴡꓪꮃ",
    "x": "ΧХхᕁᕽⲬꓫꞳ",
    "y": "ɣʏΥγУуҮүᎩᎽᶌỿⲨꓬꭚ",
    "z": "ΖᏃᴢꓜꮓ",
    "加": "+➕",
}
"""Letters that look like an ASCII one, after Unicode's UTS #39 (`confusables.txt`): those of the scripts that are mixed
into Latin words to hide them, where compatibility forms (NFKC) do not tell already. And the sign that is written for
«add»."""
LOOKALIKES = {each: letter for letter, many in _LOOKALIKES_OF.items() for each in many}


def simplified(character: str) -> str:
    """A Chinese character in its simplified form, as OpenCC has it; any other as it is."""
    if ord(character) < 0x2E80:
        return character
    # Twice: a few become one that is itself written more simply.
    return str(_converter().convert(_converter().convert(character)))


@cache
def _converter() -> Any:
    import opencc  # loads its tables: for processes that fold something

    return opencc.OpenCC("t2s")
