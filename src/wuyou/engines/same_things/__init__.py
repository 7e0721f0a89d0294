"""People with the same N things: exact, in process, changed while it is read.

`SameThings` keeps who holds what as sorted lists in both directions (thing → people, person → things) and answers

* `search`: the people who have at least N of these things, the rarest common ground first, with the things as reasons;
* `have_all`: the people who have all of these things;
* `search(..., fallback=...)`: when exact answers are too few, one level up: the same families, brands or parts.

What may not be seen is never used. A hidden holding is not fed in; a restricted one carries an audience (tokens that
allow, tokens that deny; denial wins) and counts only for a viewer whose tokens open it; excluded people (blocked either
way, hidden) are left out before anything is ranked. Plain NumPy and Arrow: no Django, no SQL, no process of its own.
"""

from wuyou.engines.same_things.index import SameThings
from wuyou.engines.same_things.rarity import rarity_millibits
from wuyou.engines.same_things.types import Audience, Holdings, Match, RestrictedColumns, RestrictedHolding, Viewer

__all__ = [
    "Audience",
    "Holdings",
    "Match",
    "RestrictedColumns",
    "RestrictedHolding",
    "SameThings",
    "Viewer",
    "rarity_millibits",
]
