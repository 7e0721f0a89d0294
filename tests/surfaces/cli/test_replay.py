"""A replay of real records ends as they say, whatever the bank does; and its account tells when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from wuyou.domains.ledger.types import AccountKind, Turnover
from wuyou.infra import db
from wuyou.kernel.money import Currency
from wuyou.surfaces.cli.replay import replay
from wuyou.surfaces.cli.replay.books import compare, read_flows
from wuyou.surfaces.cli.replay.records import read_records


@pytest.fixture
def records_file(tmp_path: Path) -> Path:
    """Thirty records in the form of the data: teams of two and three that formed, and teams that did not."""
    rows = [
        {"gb_id": n, "initiator": n, "item": n % 7, "participants": [100 + n, 200 + n][: n % 3], "success": n % 3 > 0}
        for n in range(30)
    ]
    path = tmp_path / "groupbuys.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.mark.parametrize("bank", [[], ["--troubled-bank"]], ids=["good bank", "troubled bank"])
@pytest.mark.usefixtures("world")
def test_replay_agrees_with_its_records_and_accounts_for_every_cent(records_file: Path, bank: list[str]) -> None:
    done = CliRunner().invoke(replay, [str(records_file), *bank])

    assert done.exit_code == 0, done.output
    assert "Teams formed        20   records say 20" in done.output
    assert "Teams expired       10   records say 10" in done.output
    assert "Orders              60   records say 60" in done.output
    assert "Everything agrees." in done.output
    assert db.row("SELECT count(*) FROM event_dead_letter") == (0,)
    assert db.row("SELECT count(*) FROM groupbuy_seat WHERE state NOT IN ('CONFIRMED', 'REFUNDED')") == (0,)


@pytest.mark.usefixtures("world")
def test_replay_again_stands_beside_the_first(records_file: Path) -> None:
    for _ in range(2):
        done = CliRunner().invoke(replay, [str(records_file), "--limit", "6"])
        assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("content", "words"), [(None, "no group buys at"), ([{"gb_id": 1}], "lacks initiator, item, participants, success")]
)
def test_replay_of_something_else_says_so_and_changes_nothing(
    tmp_path: Path, content: list[dict[str, int]] | None, words: str
) -> None:
    path = tmp_path / "other.parquet"
    if content:
        parquet.write_table(pa.Table.from_pylist(content), path)

    done = CliRunner().invoke(replay, [str(path)])

    assert done.exit_code == 1
    assert words in done.output
    assert db.row("SELECT count(*) FROM identity_user") == (0,)


def test_sample_is_spread_over_the_file_and_prices_follow_the_seed(records_file: Path) -> None:
    one, again, other = (read_records(records_file, limit=10, seed=seed) for seed in (1, 1, 2))

    assert [row.number for row in one.rows] == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]
    prices = [[r.team_price_minor(good) for good in r.goods] for r in (one, again, other)]
    assert prices[0] == prices[1] != prices[2]
    assert all(r.team_price_minor(good) < r.price_minor(good) for r in (one, other) for good in r.goods)


def flow(kind: str, debit: AccountKind, credit: AccountKind, amount: int) -> Turnover:
    return Turnover(kind, debit, credit, Currency.CNY, 1, amount)


def test_flows_show_a_cent_that_is_unaccounted_for() -> None:
    clearing, held = AccountKind.CLEARING, AccountKind.BUYERS_HELD
    turnovers = [
        flow("capture", clearing, held, 1_000),
        flow("refunded", held, clearing, 300),
        flow("payout", held, clearing, 200),
    ]

    flows = read_flows(turnovers)

    assert (flows.captured, flows.refunded, flows.paid_out, flows.owed) == (1_000, 300, {held: 200}, {held: 500})
    assert flows.difference == 0


@pytest.mark.usefixtures("world")
def test_record_without_its_team_is_contradicted(records_file: Path) -> None:
    records = read_records(records_file, limit=3)

    outcome = compare(records, {0: "nobody knows this team"})

    assert outcome.contradicted == (0, 10, 20)
