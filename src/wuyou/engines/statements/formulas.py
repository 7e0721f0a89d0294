"""The published formulas: from the inputs of a line to its amount, in integers.

A formula never changes; another way to compute is another name. Rounding and dividing are those of `kernel.money`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wuyou.kernel.money import MAX_MINOR, allocate, apply_bps

Inputs = Mapping[str, Any]

_MOST_SUM = 2**63 - 1
"""What is named in a sum may itself be one of many amounts."""


class FormulaError(ValueError):
    """The formula is not known, or its inputs are not what it takes."""


def compute(formula: str, inputs: Inputs) -> int:
    """The change of the account that follows; below zero when it takes away. Raises: `FormulaError`."""
    if formula not in FORMULAS:
        raise FormulaError(f"no formula is called {formula!r}")
    try:
        return FORMULAS[formula](inputs)
    except FormulaError:
        raise
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        raise FormulaError(f"{formula} cannot take these inputs: {error!r}") from error


def compute_sum(inputs: Inputs) -> int:
    """`sum.1`: everything named in `plus`, less everything named in `minus`.

    `{"plus": {"paid": 10000}, "minus": {"commission": 800, "fee": 200}}` gives 9,000.
    """
    _only(inputs, "plus", "minus")
    plus, minus = (
        sum(_amount(value, name, most=_MOST_SUM) for name, value in inputs[side].items() if _is_name(name))
        for side in ("plus", "minus")
    )
    return plus - minus


def compute_commission(inputs: Inputs) -> int:
    """`commission.1`: one party's part of the commission of a sold line, less what was booked of it before.

    `refunded_minor` of the order falls on its lines by their amounts; what is left of the line, times `rate_bps`,
    rounded once, is the commission; it is divided by `shares_bps` with the largest remainder, and `parts_minor` says
    what all parties get. Lines of 100.00 and 200.00 with 100.00 refunded leave 66.67 of the first; at 30 % that is
    20.00; shares of 3,000 and 7,000 make it 6.00 and 14.00.
    """
    return _part(inputs, "rate_bps", lambda base: apply_bps(base, _amount(inputs["rate_bps"], "rate_bps")))


def compute_subsidy(inputs: Inputs) -> int:
    """`subsidy.1`: one party's part of what is added to a sold line, less what was booked of it before.

    As `commission.1`, but that what is divided is the sum over `subsidies`, each `[rate_bps, cap_minor]`: the rate of
    the base, rounded once, and at most the cap. 5 % with a cap of 4.00 add 3.33 to a base of 66.67.
    """

    def added(base: int) -> int:
        return sum(
            min(apply_bps(base, _amount(rate_bps, "rate_bps")), _amount(cap, "cap_minor"))
            for rate_bps, cap in inputs["subsidies"]
        )

    return _part(inputs, "subsidies", added)


def _part(inputs: Inputs, by: str, total: Callable[[int], int]) -> int:
    _only(inputs, "rule_version", "lines_minor", "line", "refunded_minor", by, "parties", "shares_bps", "parts_minor",
          "party", "before_minor")  # fmt: skip
    lines = [_amount(value, "lines_minor") for value in inputs["lines_minor"]]
    line, refunded = _index(inputs["line"], len(lines)), _amount(inputs["refunded_minor"], "refunded_minor")
    base = lines[line] - allocate(min(refunded, sum(lines)), lines)[line]
    parts = allocate(total(base), [_amount(value, "shares_bps") for value in inputs["shares_bps"]])
    if parts != list(inputs["parts_minor"]) or len(parts) != len(inputs["parties"]):
        raise FormulaError(f"the parts are {parts}, not {inputs['parts_minor']}")
    _amount(inputs["rule_version"], "rule_version")
    return parts[list(inputs["parties"]).index(inputs["party"])] - _amount(inputs["before_minor"], "before_minor")


FORMULAS: Mapping[str, Callable[[Inputs], int]] = {
    "sum.1": compute_sum,
    "commission.1": compute_commission,
    "subsidy.1": compute_subsidy,
}
SUM, COMMISSION, SUBSIDY = "sum.1", "commission.1", "subsidy.1"


def _only(inputs: Inputs, *names: str) -> None:
    if set(inputs) != set(names):
        raise FormulaError(f"the inputs are {sorted(names)}, not {sorted(inputs)}")


def _amount(value: object, name: str, most: int = MAX_MINOR) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise FormulaError(f"{name} is not a whole number from 0: {value!r}")
    return value


def _index(value: object, count: int) -> int:
    if type(value) is not int or not 0 <= value < count:
        raise FormulaError(f"there is no line {value!r} of {count}")
    return value


def _is_name(name: object) -> bool:
    if type(name) is not str or not name:
        raise FormulaError(f"{name!r} names nothing")
    return True
