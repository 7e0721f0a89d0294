"""People with the same N things: the engine beside a full count, SQL and SciPy on the same holdings in the same run.

The world is drawn with a seed: log-normal shelves (37 things on average, up to some thousands), half of them from the
person's community of 500, half from a global power law whose first thing is held by a third of all people. Two kinds of
people ask for the 50 best with at least 3 things in common: people drawn at random, and the 50 largest collectors. Each
answer of the sample is compared with a full count: people, order, number, sum of rarities, reasons. A question's time
is the best of three.

Peers: a self-join in PostgreSQL (index-only, rarities in a table) and a sparse product in SciPy, with the same answer.
Fresh: from the commit of a purchase to the answer of the real service that names the buyer (its index follows the event
log), with 5,000 of the people; `engine_fresh_s` from the call that applies one to the engine, with a reader beside and
merges in between.
Growth: ten times the people, things and communities with the same shelves; p95 of random people, large by small.
Douban: real marks (13,024 people, 22,347 books), when the file is there.

    make bench NAME=same_things
    make bench NAME=same_things ARGS="--small"
    make bench NAME=same_things ARGS="--no-growth --douban marks.parquet"
"""

from __future__ import annotations

import argparse
import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import psycopg
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from bench import harness
from bench._same_things_service import measure_service
from wuyou.engines.same_things import (
    Audience,
    Holdings,
    Match,
    RestrictedHolding,
    SameThings,
    Viewer,
    rarity_millibits,
)

AT_LEAST, LIMIT = 3, 50
ASKED, COMPARED, HEAVY = 400, 60, 50
"""Random people timed, of them compared with peers and a full count, and largest collectors (all compared)."""
ASKED_IN_TURN, ROUNDS = 1_500, 5
"""Random people of each size asked in turn for growth, and how often."""
PURCHASES = 300
SERVED = 5_000
"""So many of the people are taken into the real service."""
COMMUNITY = 500
DOUBAN = Path(__file__).parents[2] / "shared/data/douban_book/interactions.parquet"

Answer = list[tuple[int, int, int]]
"""(person, things in common, sum of rarities in millibits), best first."""


@dataclass(frozen=True)
class World:
    """Unique pairs, sorted by person, and where each person's begin."""

    people: NDArray[np.int32]
    things: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, keys: NDArray[np.int64]) -> World:
        """From keys person << 32 | thing, in any order."""
        keys.sort()
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
        people = (keys >> 32).astype(np.int32)
        offsets = np.concatenate(([0], np.bincount(people).cumsum()))
        return cls(people, (keys & 0xFFFFFFFF).astype(np.int32), offsets)

    @property
    def people_count(self) -> int:
        return int(self.people[-1]) + 1

    def things_of(self, person: int) -> NDArray[np.int32]:
        return self.things[self.offsets[person] : self.offsets[person + 1]]


def main() -> None:
    """Run the bench and print its figures; the last line is one JSON object."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--small", action="store_true", help="10,000 people, for a quick look")
    options.add_argument("--no-growth", action="store_true", help="without ten times the people")
    options.add_argument("--no-sql", action="store_true", help="without PostgreSQL")
    options.add_argument("--douban", type=Path, default=DOUBAN, help="Parquet file with columns user, item")
    chosen = options.parse_args()
    people_count = 10_000 if chosen.small else chosen.people

    world = drawn_world(people_count)
    index, figures = measure_world(world, sql=not chosen.no_sql)
    if chosen.douban.exists():
        print(f"\nDouban marks, {chosen.douban.name}")
        douban = measure_engine(read_marks(chosen.douban))
        figures |= {f"douban_{name}": douban[name] for name in ("p95_ms", "heavy_p95_ms", "recall")}
    if not chosen.no_growth:
        print()
        large_world = drawn_world(10 * people_count)
        large_index, large = _measured(large_world)
        figures |= {f"x10_{name}": figure for name, figure in large.items()}
        figures |= measure_growth((index, world), (large_index, large_world))
    harness.print_json(**figures)


# ---------------------------------------------------------------------- worlds


def drawn_world(people_count: int, *, seed: int = 7) -> World:
    """A seeded world of `people_count` people, half as many things and a community for each 500 people."""
    draws = np.random.default_rng(seed)
    things_count = people_count // 2
    sizes = np.clip(draws.lognormal(3.05, 1.1, people_count), 1, 5_000).astype(np.int64)
    owners = np.repeat(np.arange(people_count, dtype=np.int32), sizes)
    popularity = _cumulated(things_count, 0.85)
    local = _cumulated(COMMUNITY, 0.6)
    communities = max(people_count // COMMUNITY, 1)
    favourites = draws.integers(0, things_count, (communities, COMMUNITY), dtype=np.int32)
    community = draws.integers(0, communities, people_count, dtype=np.int32)
    keys = np.empty(len(owners), np.int64)
    for start in range(0, len(owners), 1 << 22):
        part = owners[start : start + (1 << 22)]
        things = popularity.searchsorted(draws.random(len(part))).astype(np.int32)
        own = draws.random(len(part)) < 0.5
        things[own] = favourites[community[part[own]], local.searchsorted(draws.random(int(own.sum())))]
        keys[start : start + len(part)] = (part.astype(np.int64) << 32) | things
    return World.of(keys)


def read_marks(path: Path) -> World:
    """Real marks."""
    table = pq.read_table(path, columns=["user", "item"])
    return World.of((table["user"].to_numpy().astype(np.int64) << 32) | table["item"].to_numpy())


def _cumulated(count: int, exponent: float) -> NDArray[np.float64]:
    shares = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    cumulated = shares.cumsum() / shares.sum()
    cumulated[-1] = 1.0
    return cumulated


# ---------------------------------------------------------------------- figures


def measure_engine(world: World) -> dict[str, float]:
    """Build, memory, answers against a full count, times."""
    return _measured(world)[1]


def measure_growth(*sides: tuple[SameThings, World]) -> dict[str, float]:
    """How p95 grows, of questions asked in turn: what slows the machine down for a while slows both sides."""
    samples = [sample(world, ASKED_IN_TURN)[0] for _, world in sides]
    best_ms = [np.full(len(people), np.inf) for people in samples]
    for _ in range(ROUNDS):
        for (index, world), people, best_of in zip(sides, samples, best_ms, strict=True):
            for n, person in enumerate(people):
                began = time.perf_counter()
                index.search(world.things_of(person), Viewer(person))
                best_of[n] = min(best_of[n], 1e3 * (time.perf_counter() - began))
    small_ms, large_ms = (p95(times.tolist()) for times in best_ms)
    growth = round(large_ms / small_ms, 2)
    print(f"ten times the people, asked in turn: p95 {small_ms} -> {large_ms} ms, x {growth}")
    return {"growth_x10": growth}


def measure_world(world: World, *, sql: bool) -> tuple[SameThings, dict[str, float]]:
    """The engine's figures and its peers' on the same people."""
    index, figures = _measured(world)
    random_people, heavy = sample(world)
    both = [*random_people[:COMPARED], *heavy]
    expected = {person: answer_of(index.search(world.things_of(person), Viewer(person))) for person in both}

    def compare(name: str, ask: Callable[[int], Answer]) -> None:
        for person in both:
            assert ask(person) == expected[person], f"{name} differs for {person}"
        typical, large = (times_ms(ask, people) for people in (random_people[:COMPARED], heavy))
        show(name, typical, large)
        figures[f"{name}_p95_ms"], figures[f"{name}_heavy_p95_ms"] = p95(typical), p95(large)

    compare("scipy", scipy_peer(world))
    if sql:
        with harness.database() as server, psycopg.connect(server.url(), autocommit=True) as connection:
            compare("sql", sql_peer(world, connection))
            of_service = world.people < SERVED
            figures |= measure_service(world.people[of_service], world.things[of_service])
    figures |= measure_fresh(world, index, random_people)
    figures |= measure_restricted(world, random_people)
    return index, figures


def _measured(world: World) -> tuple[SameThings, dict[str, float]]:
    gc.collect()
    process = psutil.Process()
    began = time.perf_counter()
    index = SameThings(Holdings(world.people, world.things))
    build_s = time.perf_counter() - began
    holdings = index.holdings_count
    print(
        f"{index.people_count:,} people, {holdings:,} holdings, most common thing held by "
        f"{int(np.bincount(world.things).max()):,}; built in {build_s:.1f} s; "
        f"{index.size_bytes / holdings:.1f} bytes a holding, {index.size_bytes / 2**20:.0f} MiB, "
        f"process {process.memory_info().rss / 2**20:.0f} MiB with the columns it was built from"
    )
    random_people, heavy = sample(world)
    weights = rarity_millibits(index.people_count, np.bincount(world.things).astype(np.int64))
    count = full_count(world, weights)
    compared = [*random_people[:COMPARED], *heavy]
    right = 0
    for person in compared:
        found = index.search(world.things_of(person), Viewer(person))
        wanted = count(person)
        right += answer_of(found) == wanted and all(
            set(match.shared) == set(world.things_of(person)) & set(world.things_of(match.person)) for match in found
        )

    def ask(person: int) -> object:
        return index.search(world.things_of(person), Viewer(person))

    typical, large = times_ms(ask, random_people), times_ms(ask, heavy)
    show("wuyou", typical, large)
    pairs = [world.things_of(person)[:4] for person in random_people]
    all_ms = times_ms(lambda n: index.have_all(pairs[n], Viewer()), range(len(pairs)))
    print(f"who has all of these 4: p95 {p95(all_ms)} ms; {right} of {len(compared)} answers are those of a full count")
    return index, {
        "p95_ms": p95(typical),
        "p50_ms": p50(typical),
        "heavy_p95_ms": p95(large),
        "heavy_p50_ms": p50(large),
        "recall": right / len(compared),
        "have_all_p95_ms": p95(all_ms),
        "holdings": holdings,
        "build_s": round(build_s, 2),
        "bytes_per_holding": round(index.size_bytes / holdings, 1),
        "rss_mib": round(process.memory_info().rss / 2**20),
    }


def measure_fresh(world: World, index: SameThings, people: Sequence[int]) -> dict[str, float]:
    """Purchases one by one, a reader beside them, a merge under way half of the time."""
    draws = np.random.default_rng(3)
    with busy(lambda n: index.search(world.things_of(people[n % len(people)]), Viewer(people[n % len(people)]))):
        waits, applied = [], []
        for n in range(PURCHASES):
            buyer = world.people_count + n  # buys what someone has: must be found by who asks with these things
            bought = draws.choice(world.things_of(people[n % 50]), min(AT_LEAST, len(world.things_of(people[n % 50]))))
            merge = threading.Thread(target=index.compact) if n % 20 == 0 else None
            if merge:
                merge.start()
            began = time.perf_counter()
            index.apply(Holdings.of((buyer, int(thing)) for thing in bought))
            applied.append(time.perf_counter() - began)
            while buyer not in index.have_all(np.unique(bought), Viewer()):
                pass
            waits.append(time.perf_counter() - began)
            if merge:
                merge.join()
    apply_ms, wait_ms = (p95([1e3 * seconds for seconds in all_s]) for all_s in (applied, waits))
    print(
        f"an answer shows a purchase after p95 {wait_ms} ms, at most {max(waits):.3f} s; p95 {apply_ms} ms to apply it"
    )
    return {"engine_fresh_s": round(max(waits), 4), "apply_p95_ms": apply_ms}


def measure_restricted(world: World, people: Sequence[int]) -> dict[str, float]:
    """A tenth of the holdings open to the owner's friends only; each viewer is a friend of a hundred."""
    draws = np.random.default_rng(4)
    chosen = draws.random(len(world.people)) < 0.1
    rows = (
        RestrictedHolding(person, thing, Audience(frozenset({person})))
        for person, thing in zip(world.people[chosen].tolist(), world.things[chosen].tolist(), strict=True)
    )
    index = SameThings(Holdings(world.people[~chosen], world.things[~chosen]), restricted=rows)
    tokens = {person: frozenset(draws.integers(0, world.people_count, 100).tolist()) for person in people}
    times = times_ms(lambda person: index.search(world.things_of(person), Viewer(person, tokens[person])), people)
    print(f"a tenth of the holdings for friends only: p50 {p50(times)} ms, p95 {p95(times)} ms")
    return {"restricted_p95_ms": p95(times)}


def sample(world: World, asked: int = ASKED) -> tuple[list[int], list[int]]:
    """People drawn at random, and the largest collectors."""
    sizes = np.bincount(world.people)
    able = np.flatnonzero(sizes >= AT_LEAST)
    random_people = np.random.default_rng(1).choice(able, min(asked, len(able)), replace=False)
    return random_people.tolist(), np.argsort(-sizes, kind="stable")[:HEAVY].tolist()


# ---------------------------------------------------------------------- the full count and the peers


def full_count(world: World, weights: NDArray[np.int64]) -> Callable[[int], Answer]:
    """Everybody's things are looked at; nothing is left out by a bound."""

    def ask(person: int) -> Answer:
        value = np.zeros(len(weights), np.int64)
        mine = world.things_of(person)
        value[mine] = weights[mine] + (1 << 32)
        running = np.concatenate(([0], value[world.things].cumsum()))
        return best(person, np.diff(running[world.offsets]))

    return ask


def scipy_peer(world: World) -> Callable[[int], Answer]:
    """One sparse row times the matrix of holders."""
    things = sparse.csr_array(
        (np.ones(len(world.people), np.int64), (world.things, world.people)),
        shape=(int(world.things.max()) + 1, world.people_count),
    )
    weights = rarity_millibits(len(np.unique(world.people)), np.bincount(world.things).astype(np.int64))

    def ask(person: int) -> Answer:
        mine = world.things_of(person)
        row = sparse.csr_array((weights[mine] + (1 << 32), mine, [0, len(mine)]), shape=(1, things.shape[0]))
        common = row @ things
        return best(person, common.data, common.indices)

    return ask


def sql_peer(world: World, connection: psycopg.Connection) -> Callable[[int], Answer]:
    """A self-join with everything it could wish for: both indexes, fresh statistics, rarities beside."""
    connection.execute("CREATE TABLE held (person int, thing int)")
    connection.execute("CREATE TABLE rarity (thing int PRIMARY KEY, millibits bigint)")
    weights = rarity_millibits(len(np.unique(world.people)), np.bincount(world.things).astype(np.int64))
    for table, columns in (
        ("held (person, thing)", (world.people, world.things)),
        ("rarity (thing, millibits)", (np.arange(len(weights)), weights)),
    ):
        with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for row in zip(*(column.tolist() for column in columns), strict=True):
                copy.write_row(row)
    connection.execute("CREATE UNIQUE INDEX ON held (person, thing)")
    connection.execute("CREATE UNIQUE INDEX ON held (thing, person)")
    connection.execute("VACUUM ANALYZE held")
    connection.execute("VACUUM ANALYZE rarity")

    def ask(person: int) -> Answer:
        return connection.execute(
            """
            SELECT other.person, count(*), sum(millibits)::bigint
            FROM held AS mine JOIN rarity USING (thing) JOIN held AS other USING (thing)
            WHERE mine.person = %s AND other.person <> mine.person
            GROUP BY 1 HAVING count(*) >= %s ORDER BY 3 DESC, 2 DESC, 1 LIMIT %s
            """,
            [person, AT_LEAST, LIMIT],
            prepare=True,
        ).fetchall()

    return ask


def best(person: int, packed: NDArray[np.int64], people: NDArray[np.int32] | None = None) -> Answer:
    """The best of count << 32 | sum for each person."""
    people = np.arange(len(packed), dtype=np.int32) if people is None else people
    enough = np.flatnonzero((packed >= AT_LEAST << 32) & (people != person))
    counts, sums, people = packed[enough] >> 32, packed[enough] & 0xFFFFFFFF, people[enough]
    if len(people) > LIMIT:
        near = np.flatnonzero(sums >= np.partition(sums, -LIMIT)[-LIMIT])
        counts, sums, people = counts[near], sums[near], people[near]
    order = np.lexsort((people, -counts, -sums))[:LIMIT]
    return list(zip(people[order].tolist(), counts[order].tolist(), sums[order].tolist(), strict=True))


# ---------------------------------------------------------------------- small change


def answer_of(matches: Sequence[Match]) -> Answer:
    """What the peers can say too."""
    return [(match.person, match.count, match.rarity_millibits) for match in matches]


def times_ms(ask: Callable[[int], object], asked: Sequence[int]) -> list[float]:
    """Milliseconds of each question, the best of three: other work on the machine is not what is measured."""
    times = []
    for one in asked:
        took = []
        for _ in range(3):
            began = time.perf_counter()
            ask(one)
            took.append(time.perf_counter() - began)
        times.append(1e3 * min(took))
    return times


@contextmanager
def busy(ask: Callable[[int], object]) -> Iterator[None]:
    """A reader beside."""
    done = threading.Event()

    def read() -> None:
        n = 0
        while not done.is_set():
            ask(n)
            n += 1

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        done.set()
        reader.join()


def p50(times: Sequence[float]) -> float:
    """Median, rounded."""
    return round(float(np.percentile(times, 50)), 2)


def p95(times: Sequence[float]) -> float:
    """95th percentile, rounded."""
    return round(float(np.percentile(times, 95)), 2)


def show(name: str, typical: Sequence[float], large: Sequence[float]) -> None:
    """One line for people."""
    print(
        f"{name:6} random people p50 {p50(typical):7.2f} p95 {p95(typical):7.2f} ms;"
        f" {HEAVY} largest p50 {p50(large):7.2f} p95 {p95(large):7.2f} ms"
    )


if __name__ == "__main__":
    main()
