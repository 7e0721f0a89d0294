"""Whatever an owner does with a copy, its history tells it, whole and possible."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders.people import make_person
from tests.builders.things import make_holding
from tests.conftest import NOW
from wuyou.domains.things import errors, operations, queries, rules
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor

states = st.sampled_from(HoldingState)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=states, wanted=st.lists(states, max_size=12))
def test_history_is_a_chain_of_allowed_moves(first: HoldingState, wanted: list[HoldingState]) -> None:
    owner = make_person(NOW)
    holding = make_holding(NOW, owner, state=first)
    stands, expected = first, [first]
    for to in wanted:
        try:
            with db.savepoint():
                operations.move_holding(actor=Actor(owner.id), holding_id=holding.id, to=to, now=NOW)
        except errors.MoveRefused:
            assert not rules.may_move(stands, to)
        else:
            stands = to
            expected.append(to)

    history = [line.state for line in queries.list_provenance(owner.id, holding.id)]
    assert history == expected
    assert all(rules.may_move(was, became) for was, became in pairwise(history))
    assert queries.get_holding_for(sight.get_viewer(owner.id), holding.id).state is history[-1]
    told = db.rows(
        """
        SELECT payload ->> 'was', payload ->> 'state' FROM event
        WHERE name = 'things.holding_changed' AND (payload ->> 'holding_id')::bigint = %s ORDER BY seq
        """,
        [holding.id],
    )
    assert told == [(was.value, became.value) for was, became in pairwise(history)]
