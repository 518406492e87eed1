"""Ports of private desks: free, of this process alone, below those of outgoing connections."""

import socket
import subprocess
import sys

import pytest

from services.launch.private_desk import free_ports
from tests.support.process_desk import ROOT

_ASK = "from services.launch.private_desk import free_ports; print(*free_ports(20))"


def test_ports_are_free_and_each_another_one() -> None:
    """What listens is passed over, and a port comes again only when the block has been gone round.

    A desk is made, used and thrown away more often in a run of the tests than there are ports.
    """
    first, *_ = free_ports(1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first))
        taken.listen()
        for _ in range(30):
            found = free_ports(20)
            assert len(set(found)) == 20
            assert first not in found
            assert all(20_000 < port < 32_000 for port in found)


@pytest.mark.integration
def test_two_processes_never_choose_the_same() -> None:
    """Another process that chooses before anybody has bound anything chooses others."""
    ours = set(free_ports(20))
    command = [sys.executable, "-c", _ASK]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    theirs = set(map(int, done.stdout.split()))
    assert len(theirs) == 20
    assert {port // 400 for port in ours}.isdisjoint(port // 400 for port in theirs)
