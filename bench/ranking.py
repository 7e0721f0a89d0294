"""The recommender beside popularity, ItemKNN, EASE and iALS on real data, each tuned on the same held-out trial.

Each set runs in a process of its own, ours first, so that its memory is its own. Baselines are tuned on what ours is
tuned on and never on the test. What is right is always new to the person; lists are full rankings, or rank the right
item among the others that come with the set. ZOZOTOWN has logged impressions with true propensities: there a policy
that follows the engine's popularity by sight is judged off-policy (`_ranking_policy`).

The data lies beside the checkout (`shared/data`) and is not part of it; what is missing is skipped and said.

    make bench NAME=ranking
    make bench NAME=ranking ARGS="--only mafengwo obd"
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import harness
from bench._ranking_peers import PEERS, ordered, tuned
from bench._ranking_policy import measure_policy
from bench._ranking_sets import DATA, SETS, Task
from wuyou.engines import ranking
from wuyou.engines.ranking import Asker, Model, Settings
from wuyou.engines.ranking.blend import ndcg
from wuyou.engines.ranking.matrix import World, trial_of

Ints = NDArray[np.int64]
Figures = dict[str, Any]

_ASKED_ALONE = 300
_ROWS = 256
_FOLDERS = {
    "douban": "douban_book",
    "beibei": "beibei_groupbuy",
    "mafengwo": "groups_mafengwo_s",
    "obd": "obd_zozotown",
}


def main() -> None:
    """Run the bench and print its figures; the last line is one JSON object."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="+", choices=list(_FOLDERS), default=list(_FOLDERS), help="these sets alone")
    options.add_argument("--data", type=Path, default=DATA, help="where the sets lie")
    options.add_argument("--no-peers", action="store_true", help="without the baselines")
    chosen = options.parse_args()
    figures: Figures = {}
    began = time.perf_counter()
    for name in chosen.only:
        if not (chosen.data / _FOLDERS[name]).is_dir():
            print(f"{name}: no data in {chosen.data / _FOLDERS[name]}, skipped")
            continue
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(max_workers=1, mp_context=context) as alone:
            figures |= alone.submit(_measured, name, chosen.data, peers=not chosen.no_peers).result()
    print(f"\n{time.perf_counter() - began:.0f} s in all")
    harness.print_json(**figures)


def _measured(name: str, data: Path, *, peers: bool) -> Figures:
    if name == "obd":
        return {"obd_zozotown": measure_policy(data)}
    return measure(SETS[name](data), peers=peers)


def measure(tasks: list[Task], *, peers: bool) -> Figures:
    """Ours, then the baselines, on tasks that learn from the same."""
    first = tasks[0]
    figures: Figures = {task.name: {"published": task.published} for task in tasks}
    began = time.perf_counter()
    model = ranking.train(first.learnt, first.items, first.ties, groups=first.groups)
    train_s = time.perf_counter() - began
    _show_report(model, train_s)
    per_s = top_k_per_s(model, first)
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for task in tasks:
        print(f"\n{task.name}: {len(task.people):,} asked, {task.protocol}")
        askers = [Asker(int(person)) for person in task.people]
        among = None if task.among is None else list(task.among)
        ours = judged(task, model.rank_many(askers, task.k, among=among))
        _show(task, "ours", ours)
        figures[task.name] |= {
            "ours": ours,
            "train_s": round(train_s, 1),
            "top_k_per_s": per_s,
            "rss_mb": round(rss_mb),
        }
    print(
        f"ours: trained in {train_s:.0f} s, {per_s:,.0f} lists of 20 with reasons a second, {rss_mb:,.0f} MiB at most"
    )
    if peers:
        del model
        gc.collect()
        _measure_peers(tasks, figures)
    return figures


def _measure_peers(tasks: list[Task], figures: Figures) -> None:
    first, settings = tasks[0], Settings()
    world = World.of(first.learnt, first.items, first.ties, first.groups)
    trial = trial_of(world, share=settings.trial_share, most_people=settings.trial_people, seed=settings.seed)
    assert trial is not None
    for name in PEERS:
        peer = tuned(name, world.taste, trial, settings.k)
        print(f"{name} ({peer.setting}): tuned and fitted in {peer.seconds:.0f} s")
        for task in tasks:
            found = judged(task, ranked(task, world, peer.scorer))
            _show(task, name, found)
            entry = figures[task.name]
            entry.setdefault("peers", {})[name] = found
            if "best_baseline" not in entry or found[1] > entry["best_baseline"][1]:
                entry |= {"best_baseline": found, "best_baseline_is": name}
        del peer
        gc.collect()
    for task in tasks:
        entry = figures[task.name]
        entry["vs_best"] = [
            round(ours / max(best, 1e-9), 3) for ours, best in zip(entry["ours"], entry["best_baseline"], strict=True)
        ]
        print(f"{task.name}: ours by {entry['best_baseline_is']}, Recall and NDCG x {entry['vs_best']}")


def ranked(task: Task, world: World, scorer: Any) -> Ints:
    """The k best items of each by a baseline, as `Model.rank_many` gives them."""
    rows = world.people.searchsorted(task.people)
    found = np.full((len(rows), task.k), -1, np.int64)
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        scores = scorer(part)
        if task.among is None:
            scores = np.where(world.taste[part].toarray() > 0, -np.inf, scores)
            found[start : start + _ROWS] = world.items[ordered(scores, task.k)]
            continue
        among = task.among[start : start + _ROWS]
        at = np.minimum(world.items.searchsorted(among), len(world.items) - 1)
        scores = np.take_along_axis(scores, at, axis=1)
        scores[world.items[at] != among] = -np.inf
        # The right item stands first: among equals it must not win by its place.
        turned = scores[:, ::-1]
        found[start : start + _ROWS] = np.take_along_axis(
            among[:, ::-1], np.argsort(-turned, axis=1, kind="stable")[:, : task.k], axis=1
        )
    return found


def judged(task: Task, found: Ints) -> tuple[float, float]:
    """Mean Recall@k and NDCG@k over everyone asked."""
    hits = np.array([np.isin(row, right) for row, right in zip(found, task.wanted, strict=True)])
    wanted = np.array([len(right) for right in task.wanted])
    return round(float((hits.sum(axis=1) / wanted).mean()), 4), round(float(ndcg(hits, wanted).mean()), 4)


def top_k_per_s(model: Model, task: Task) -> float:
    """Lists of 20 with reasons, one after the other in one thread."""
    askers = [Asker(int(person)) for person in task.people[:_ASKED_ALONE]]
    model.top_k(askers[0], 20)
    began = time.perf_counter()
    for asker in askers:
        model.top_k(asker, 20)
    return round(len(askers) / (time.perf_counter() - began))


def _show_report(model: Model, train_s: float) -> None:
    report = model.report
    print(f"\n{len(model.people):,} people, {len(model.items):,} items; trained in {train_s:.0f} s")
    print(f"held out of {report.people_count:,}: the blend reaches NDCG {report.ndcg or 0:.4f}")
    for name, part in report.parts.items():
        figures = f"worth {part.worth or 0:.4f} weight {report.weights[name]:.3f} in {part.tuned_s:5.1f} s"
        print(f"  {name:<11} {figures}  {part.setting}")


def _show(task: Task, name: str, found: tuple[float, float]) -> None:
    print(f"  {task.name:<22} {name:<11} Recall@{task.k} {found[0]:.4f}  NDCG@{task.k} {found[1]:.4f}", flush=True)


if __name__ == "__main__":
    main()
