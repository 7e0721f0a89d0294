"""Resident identity numbers of China, as far as they can be checked by themselves.

Source: GB 11643-1999 (18 digits: region, birth date, sequence, check digit by ISO 7064 MOD 11-2); GB/T 2260 regions.
"""

from __future__ import annotations

from datetime import date

WEIGHTS = tuple(2**place % 11 for place in range(17, 0, -1))
CHECK_DIGITS = "10X98765432"
"""By the weighted sum modulo 11."""

PROVINCES = frozenset(
    {
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
        *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54"),
        *("61", "62", "63", "64", "65", "71", "81", "82", "83"),
    }
)
"""The first two digits. 83 stands in residence permits of people from Taiwan."""

_FIRST_BIRTH = date(1880, 1, 1)


def check_digit(first_17: str) -> str:
    """The eighteenth digit that belongs to seventeen."""
    return CHECK_DIGITS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first_17, strict=True)) % 11]


def canonical(number: str) -> str:
    """Without spaces, full-width digits made plain, the check digit as a capital."""
    plain = "".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "９" or c in "Ｘｘ" else c for c in number)
    return "".join(plain.split()).upper()


def birth_of(number: str, today: date) -> date | None:
    """When somebody with this canonical number was born; None when the number cannot be one."""
    if len(number) != 18 or not number.isascii() or not number[:17].isdecimal() or number[:2] not in PROVINCES:
        return None
    if number[2:6] == "0000" or number[14:17] == "000" or number[17] != check_digit(number[:17]):
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if _FIRST_BIRTH <= born <= today else None


def age_on(born: date, today: date) -> int:
    """Full years; who is born on 29 February comes of age on 1 March of a common year."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
