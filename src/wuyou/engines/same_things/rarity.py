"""How much it says to have a thing in common."""

from __future__ import annotations

import numpy as np

from wuyou.engines.same_things.types import Int64


def rarity_millibits(people: int, holders: Int64) -> Int64:
    """Surprise of meeting a holder by chance: 1000 · log₂(people / holders), rounded, of each thing.

    Whole thousandths of a bit, so that sums do not depend on the order of adding and ties are real ties. Of 100,000
    people 100 hold a thing: log₂ 1000 = 9.966 bits, 9966 millibits; 50,000 hold it: 1000. A thing that nobody holds
    openly counts as if one did, and one that everybody holds says nothing: 0.

    Args: `holders (n,)` people who hold each thing openly. Restricted holdings are not counted: the weight of a thing
    would tell about them.
    """
    share = max(people, 1) / np.clip(holders, 1, max(people, 1))
    return np.rint(1000.0 * np.log2(share)).astype(np.int64)
