"""Real data sets with their protocols: what is learnt from, what is asked, what is right, what was published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wuyou.engines.ranking import Groups, Interactions, Items, Ties

DATA = Path(__file__).parents[2] / "shared/data"

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One question asked of many: which items, out of all or out of `among`.

    Shapes: people (n,); wanted, n arrays of items; among (n, c) or None for all items.
    """

    name: str
    protocol: str
    learnt: Interactions
    people: Ints
    wanted: list[Ints]
    k: int
    among: Ints | None = None
    items: Items | None = None
    ties: Ties | None = None
    groups: Groups | None = None
    published: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Recall@k and NDCG@k by name."""


def douban(data: Path) -> list[Task]:
    """All books ranked for everyone; the shipped split of 80 and 20 percent."""
    table = columns(data / "douban_book/interactions.parquet")
    learnt = table["split"] == "train"
    people, items = table["user"], table["item"]
    social = columns(data / "douban_book/social.parquet")
    books = np.arange(int(items.max()) + 1)
    attributes = {
        name: placed(columns(data / f"douban_book/book_{name}.parquet"), "item", f"{name}_id", len(books))
        for name in ("author", "publisher")
    }
    asked, wanted = by_person(people[~learnt], items[~learnt])
    return [
        Task(
            "douban_book",
            "all 22,347 books ranked, shipped split 80/20",
            Interactions(people[learnt], items[learnt]),
            asked,
            wanted,
            20,
            items=Items(books, attributes),
            ties=Ties(social["src"], social["dst"]),
            published={"SGL": (0.1696, 0.1528), "SimGCL": (0.1742, 0.1544)},
        )
    ]


def beibei(data: Path) -> list[Task]:
    """A team that succeeded is held out of each of 5,000 who lead teams; 999 others beside, drawn with a seed.

    The split of the paper is not in the data: published figures stand on other, and more, training data.
    """
    table = pq.read_table(data / "beibei_groupbuy/groupbuys.parquet")
    leaders, items = (table[name].to_numpy().astype(np.int64) for name in ("initiator", "item"))
    success = table["success"].to_numpy(zero_copy_only=False)
    lists = table["participants"].combine_chunks()
    team = np.repeat(np.arange(len(leaders)), np.diff(lists.offsets.to_numpy()))
    draws = np.random.default_rng(11)
    failed = set(pairs(leaders[~success], items[~success]).tolist())
    tried = np.isin(leaders, leaders[~success])
    new = np.array([key not in failed for key in pairs(leaders, items).tolist()])
    asked = np.sort(draws.choice(np.flatnonzero(success & tried & new), 5_000, replace=False))
    kept = np.ones(len(leaders), np.bool_)
    kept[asked] = False
    members = kept[team]
    people = np.concatenate((leaders[kept], lists.values.to_numpy().astype(np.int64)[members]))
    bought = np.concatenate((items[kept], items[team][members]))
    # Who leads only the team held out, or joined it elsewhere, has nothing to be asked by.
    known = np.isin(leaders[asked], people) & ~np.isin(pairs(leaders[asked], items[asked]), pairs(people, bought))
    asked = asked[known]
    return [
        Task(
            "beibei_groupbuy",
            f"{len(asked):,} leaders, one successful team held out of each, among 999 others drawn with a seed",
            Interactions(people, bought),
            leaders[asked],
            [items[[one]] for one in asked],
            10,
            among=with_others(leaders[asked], items[asked], people, bought, 999, draws),
            published={"MF": (0.2106, 0.1208), "GBGCN": (0.2444, 0.1456)},
        )
    ]


def mafengwo(data: Path) -> list[Task]:
    """Places for travellers, and for groups of travellers, among the 100 others that come with the data."""
    single, group = (
        columns(data / "groups_mafengwo_s/user_item.parquet"),
        columns(data / "groups_mafengwo_s/group_item.parquet"),
    )
    members = columns(data / "groups_mafengwo_s/group_member.parquet")
    first_group = 1_000_000
    learnt, together = single["split"] == "train", group["split"] == "train"
    people = np.concatenate((single["user"][learnt], group["group"][together] + first_group))
    items = np.concatenate((single["item"][learnt], group["item"][together]))
    groups = Groups(members["group"] + first_group, members["user"])
    tasks = []
    for name, kind, offset in (("travellers", "user", 0), ("groups", "group", first_group)):
        negatives = pq.read_table(data / f"groups_mafengwo_s/{kind}_test_negatives.parquet")
        right = negatives["item"].to_numpy().astype(np.int64)
        others = np.array(negatives["negatives"].to_pylist(), np.int64)
        tasks.append(
            Task(
                f"mafengwo_s_{name}",
                "one place held out, among the 100 others shipped with it",
                Interactions(people, items),
                negatives[kind].to_numpy().astype(np.int64) + offset,
                [right[[row]] for row in range(len(right))],
                10,
                among=np.column_stack((right, others)),
                groups=groups,
            )
        )
    return tasks


SETS: dict[str, Callable[[Path], list[Task]]] = {
    "mafengwo": mafengwo,
    "beibei": beibei,
    "douban": douban,
}


def columns(path: Path) -> dict[str, NDArray[Any]]:
    """A Parquet file as arrays; small whole numbers widened."""
    table = pq.read_table(path)
    found = {}
    for column in table.column_names:
        values = np.array(table[column].to_pylist())
        found[column] = values.astype(np.int64) if values.dtype.kind in "iu" else values
    return found


def placed(table: dict[str, NDArray[Any]], key: str, value: str, count: int) -> Ints:
    """`value` at the place `key` of a column of `count`; -1 where there is none."""
    found = np.full(count, -1, np.int64)
    found[table[key]] = table[value]
    return found


def by_person(people: Ints, items: Ints) -> tuple[Ints, list[Ints]]:
    """Everyone once, ascending, with their items."""
    order = np.argsort(people, kind="stable")
    asked, starts = np.unique(people[order], return_index=True)
    return asked, np.split(items[order], starts[1:])


def pairs(people: Ints, items: Ints) -> Ints:
    """One number for each pair."""
    return (people << 32) | items


def with_others(asked: Ints, right: Ints, people: Ints, items: Ints, count: int, draws: np.random.Generator) -> Ints:
    """The right item first, then `count` others that the person does not have. Shapes: (n, 1 + count)."""
    everything = np.unique(items)
    has = dict(zip(*by_person(people, items), strict=True))
    rows = []
    for person, item in zip(asked.tolist(), right.tolist(), strict=True):
        own = np.append(has[person], item)
        others = draws.choice(everything, count + len(own), replace=False)
        rows.append(np.concatenate(([item], others[~np.isin(others, own)][:count])))
    return np.array(rows, np.int64)
