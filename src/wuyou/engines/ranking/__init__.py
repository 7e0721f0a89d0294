"""What somebody may like next, and why: a recommender as a library.

`train` learns a `Model` from who did what with which item, and, where they are known, from whom people know and from
what items are (author, brand, topic). Several simple parts score: items that the same people have, a linear regression
on all items, factors, people with the same rare things, people one knows, attributes, popularity. Each part's setting
and how much it counts is chosen by the training itself, by what it holds out.

A `Model` never changes. It answers `top_k` for who was there in the training, with what they did since, and for anyone
unknown from a few items; each recommendation says its reasons as data. `ranked` puts the reasons off, for who shows a
few of many. `popular_k` is not told for whom it answers. Lists can be made diverse and fresh and leave a share to what
few know yet (`Shape`). NumPy, SciPy and Arrow: no Django, no SQL, no process of its own.

Who may see what is not known here: feed in only what may count for others, and ask with `exclude` or `among` what may
be shown. A reason that names a person is to be looked at again by who shows it.
"""

from wuyou.engines.ranking.model import Model, Ranked
from wuyou.engines.ranking.report import PartReport, Report
from wuyou.engines.ranking.training import Settings, train
from wuyou.engines.ranking.types import (
    PLAIN,
    Asker,
    Groups,
    Interactions,
    Items,
    Kind,
    Reason,
    ReasonKind,
    Recommendation,
    Shape,
    Ties,
)

__all__ = [
    "PLAIN",
    "Asker",
    "Groups",
    "Interactions",
    "Items",
    "Kind",
    "Model",
    "PartReport",
    "Ranked",
    "Reason",
    "ReasonKind",
    "Recommendation",
    "Report",
    "Settings",
    "Shape",
    "Ties",
    "train",
]
