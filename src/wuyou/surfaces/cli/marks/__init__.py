"""`wuyou import`: real marks and friendships from a folder, as people with shelves."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import click
from django.utils import translation

from wuyou.infra import db, events
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.cli.marks import importing, proof, ranking
from wuyou.surfaces.cli.marks.importing import Imported
from wuyou.surfaces.cli.marks.ranking import Hits, Ranking
from wuyou.surfaces.cli.marks.reading import Marks, MarksError, read_marks
from wuyou.surfaces.ui.errors import text_of


@click.group("import")
def importing_group() -> None:
    """Take in what is known elsewhere."""


@importing_group.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--report", is_flag=True, help="Then say how many real friends stand among the nearest people.")
def marks(folder: Path, report: bool) -> None:
    """Take in the marks and friendships of FOLDER (interactions, social and book_author.parquet).

    People become readers without a name who cannot sign in, books become things, marks become copies that everyone may
    see. Run again, it finds what is there; interrupted, it goes on.
    """
    try:
        found = read_marks(folder)
    except MarksError as broken:
        raise click.ClickException(str(broken)) from broken
    click.echo(
        f"{len(found.people):,} marks of {len(found.everyone):,} people on {len(found.all_books):,} books,"
        f" {len(found.friends):,} friendships."
    )
    db.in_transaction(lambda: events.register(events.subscribers()))
    imported = _import(found)
    _prove(found, imported)
    if report:
        people = sorted(imported.people.values())
        with click.progressbar(length=min(ranking.SAMPLE, len(people)), label="Ranking") as bar:
            measured = ranking.rank(people, progress=bar.update)
        print_ranking(measured)


def print_ranking(measured: Ranking) -> None:
    """A table for people and one line of JSON for programs."""
    click.echo(
        f"\n{measured.sampled:,} of {measured.people:,} people, with {measured.friends:.1f} friends on average;"
        f" friends among the first {ranking.TOP}:\n"
    )
    click.echo(f"{'ranked by':<22}{'friends':>9}{'of all friends':>16}{'people with one':>17}{'times chance':>14}")
    for name, hits in (
        ("rarity of what is shared", measured.rarity),
        ("number of things shared", measured.count),
        ("chance", measured.chance),
    ):
        click.echo(f"{name:<24}{hits.found:>7.3f}{hits.share:>15.2%}{hits.any:>17.1%}{_lift(hits, measured):>14.1f}")
    click.echo(json.dumps(asdict(measured)))


def _import(found: Marks) -> Imported:
    began = time.perf_counter()
    try:
        with click.progressbar(length=importing.count_steps(found), label="Importing") as bar:
            imported = importing.import_marks(found, now=utc_now(), progress=bar.update)
    except DomainError as refused:
        with translation.override("en"):
            raise click.ClickException(f"{text_of(refused)} ({refused.code}: {refused.facts})") from refused
    except KeyboardInterrupt as stopped:
        raise click.ClickException("Interrupted. What is there is whole; the same command goes on.") from stopped
    seconds = time.perf_counter() - began
    click.echo(
        f"{imported.copies_added:,} copies and {imported.friendships_added:,} friendships are new;"
        f" {seconds:,.0f} s, {(imported.copies_added + imported.friendships_added) / seconds:,.0f} a second."
    )
    return imported


def _prove(found: Marks, imported: Imported) -> None:
    proven = proof.prove(found, imported, now=utc_now())
    for fault in proven.faults[:20]:
        click.echo(f"  {fault}", err=True)
    if proven.faults:
        raise click.ClickException("What was imported is not as the ordinary path writes it.")
    click.echo(
        f"As the ordinary path writes them: {proven.people} people, {proven.copies} copies and"
        f" {proven.friendships} friendships of a sample."
    )


def _lift(hits: Hits, measured: Ranking) -> float:
    return hits.found / measured.chance.found if measured.chance.found else 0.0
