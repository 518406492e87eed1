"""Router, client and ledger keep their properties in sessions drawn from seeds.

`make properties` tries the same for as long as wanted.
"""

import random

import pytest

from services.domain.messages.orders import LinkState
from tests.support.session_world.faults import MIXES, Mix
from tests.support.session_world.mischief import Mischief
from tests.support.session_world.session import SessionReport, run_session
from tests.support.session_world.world import World

_SEEDS = range(1, 5)


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_a_session_keeps_every_property(mix: Mix) -> None:
    """Positions agree when RECONCILED, fills count once, one flatten ends all, from known seeds."""
    total = SessionReport()
    for seed in _SEEDS:
        total.add(run_session(seed, mix))
    # A session in which nothing happens proves nothing.
    assert total.link[LinkState.RECONCILED.name] > total.steps / 2
    assert total.link.keys() == {state.name for state in LinkState}
    assert min(total.seen[what] for what in ("entries commanded", "fills", "money compared")) > 10
    assert total.flat_steps, "no flatten was tried while something was held"
    assert sum(total.faults.values()) > 50


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_a_session_of_a_new_seed_keeps_every_property(mix: Mix) -> None:
    """The seed is drawn anew with every run of the suite and printed where one breaks."""
    run_session(random.SystemRandom().randrange(10**6), mix)


def test_a_seed_gives_the_same_session_again() -> None:
    """What a long run has found is found again by its seed."""
    logs = []
    for _ in range(2):
        world = World(11, MIXES["ledger"])
        mischief = Mischief(world)
        for _ in range(400):
            mischief.step()
        logs.append((tuple(world.log), world.counts, world.reference.executions))
    assert logs[0] == logs[1]
