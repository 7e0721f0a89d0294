"""Where the money of a replay went, read from the ledger alone, and whether the teams ended as the records say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import TeamState
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import PAYOUT_RETURN_KIND, AccountKind, InvariantCheck, Turnover
from wuyou.surfaces.cli.replay.records import Records

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Flows:
    """Amounts in the smallest unit: `captured` came in; it was refunded, paid out, or is still owed."""

    captured: int
    refunded: int
    paid_out: Mapping[AccountKind, int]
    owed: Mapping[AccountKind, int]

    @property
    def difference(self) -> int:
        """Zero when every cent is accounted for."""
        return self.captured - self.refunded - sum(self.paid_out.values()) - sum(self.owed.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """Teams against records, one by one; `contradicted` are the numbers of records that ended otherwise."""

    formed: int
    expired: int
    contradicted: tuple[int, ...]


def read_flows(turnovers: Sequence[Turnover]) -> Flows:
    """Add up what moved. Money comes in, goes back and goes out through the providers' clearing accounts only."""
    captured = refunded = 0
    paid_out: dict[AccountKind, int] = {}
    owed: dict[AccountKind, int] = {}
    for turnover in turnovers:
        debit, credit, amount = turnover.debit_kind, turnover.credit_kind, turnover.amount_minor
        if debit is AccountKind.CLEARING and turnover.journal_kind == PAYOUT_RETURN_KIND:
            paid_out[credit] = paid_out.get(credit, 0) - amount
        elif debit is AccountKind.CLEARING:
            captured += amount
        elif credit is AccountKind.CLEARING and turnover.journal_kind == "payout":
            paid_out[debit] = paid_out.get(debit, 0) + amount
        elif credit is AccountKind.CLEARING:
            refunded += amount
        if debit is not AccountKind.CLEARING:
            owed[debit] = owed.get(debit, 0) - amount
        if credit is not AccountKind.CLEARING:
            owed[credit] = owed.get(credit, 0) + amount
    return Flows(captured, refunded, paid_out, owed)


def compare(records: Records, teams: Mapping[int, str]) -> Outcome:
    """Look every record's team up. A record that succeeded wants FORMED, one that failed wants EXPIRED."""
    states: dict[str, TeamState] = {}
    tokens = sorted(teams.values())
    for start in range(0, len(tokens), CHUNK):
        states.update(groupbuy.states_by_token(tokens[start : start + CHUNK]))
    formed = expired = 0
    contradicted = []
    for row in records.rows:
        state = states.get(teams.get(row.number, ""))
        formed += state is TeamState.FORMED
        expired += state is TeamState.EXPIRED
        if state is not (TeamState.FORMED if row.succeeded else TeamState.EXPIRED):
            contradicted.append(row.number)
    return Outcome(formed, expired, tuple(contradicted))


def prove() -> tuple[InvariantCheck, ...]:
    """The ledger's own proof."""
    return ledger.verify()
