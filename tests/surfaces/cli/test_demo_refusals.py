"""`wuyou demo load` never undoes what somebody else made, however much it looks like the world."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pytest
from click.testing import CliRunner
from tests.builders.people import make_person
from tests.builders.processes import environment

from wuyou.domains.identity import queries as identity
from wuyou.surfaces.cli.demo import demo, loading
from wuyou.surfaces.cli.demo.loading import State
from wuyou.surfaces.cli.demo.world import MEMBER, STAFF, World, read_world

pytestmark = pytest.mark.usefixtures("world")
WORLD = read_world()


def test_a_database_with_one_person_is_not_empty(now: datetime) -> None:
    make_person(now, handle=WORLD.login(MEMBER).handle)

    refused = CliRunner().invoke(demo, ["load"])
    silent = CliRunner().invoke(demo, ["load", "--if-empty"])

    assert refused.exit_code == 1
    assert "is not empty" in refused.stderr
    assert (silent.exit_code, silent.output) == (0, "")
    assert identity.count_people() == 1
    assert CliRunner().invoke(demo, ["logins"]).output == ""


def test_a_stranger_in_an_unfinished_world_keeps_it_from_being_undone(now: datetime) -> None:
    _make_everyone_but_staff(WORLD, now)
    assert loading.read_state(WORLD) is State.UNFINISHED

    make_person(now, handle="stranger")

    assert loading.read_state(WORLD) is State.FOREIGN
    assert CliRunner().invoke(demo, ["load"]).exit_code == 1
    assert identity.count_people() == len(WORLD.people)


def test_two_loads_at_once_are_one() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", _HOLD_THE_CLOCK], env=environment(), stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    assert owner.stdout is not None
    owner.stdout.readline()
    try:
        refused = CliRunner().invoke(demo, ["load"])
    finally:
        owner.communicate(b"\n", timeout=30)

    assert refused.exit_code == 1
    assert refused.stderr == "Error: Another load or replay is under way in this database.\n"
    assert identity.count_people() == 0


_HOLD_THE_CLOCK = """
import django, sys
django.setup()
from wuyou.infra.clock import simulated_clock
with simulated_clock():
    print("held", flush=True)
    sys.stdin.readline()
"""


def _make_everyone_but_staff(world: World, now: datetime) -> None:
    for person in world.people:
        if person.login != STAFF:
            make_person(now, handle=person.handle)
