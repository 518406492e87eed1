"""Every file keeps the house rules (tests/support/tidy.py); the message says what to do instead."""

import pytest

from tests.support.tidy import ROOT, breaches, files, may_import

_HEAD = '"""A module."""\n\n'
_GATE = "services/risk/gate.py"
_FADE = "services/strategies/catalog/edge_fade.py"
_OWN = "examples/own_strategy/my_strategies/ib_breakdown.py"
_FACE = "pitwire/strategies.py"
_STATUS = "services/cli/status.py"


@pytest.mark.parametrize("path", files())
def test_a_file_is_tidy(path: str) -> None:
    """Imports, impurity, budgets, docstrings, catches and comments, in one case per file."""
    found = breaches(path, (ROOT / path).read_text(encoding="utf-8"))
    assert not found, "\n".join((path, *found))


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        (_GATE, "import time", "imports time: time is handed in"),
        (_GATE, "from time import time_ns", "imports time.time_ns: time is handed in"),
        (_GATE, "import os.path", "imports os.path"),
        (_GATE, "import uuid", "ids are derived"),
        (_GATE, "def _f():\n    import zmq", "imports zmq"),
        (_GATE, "from pitwire.risk.v1 import risk_pb2", "never leave services/runtime/codec.py"),
        (_FADE, "from pitwire.risk.v1 import risk_pb2", "never leave services/runtime/codec.py"),
        (_GATE, "from pitwire.strategies import Side", "pitwire.strategies is for strategies"),
        (
            "services/runtime/codec.py",
            "import pitwire.strategies",
            "pitwire.strategies is for strategies",
        ),
        (_FADE, "from services.domain.units import Ticks", "expected pitwire.strategies:"),
        (_OWN, "from services.domain.units import Ticks", "expected pitwire.strategies:"),
        (_OWN, "import time", "imports time: time is handed in"),
        (_FACE, "import services.strategies.host", "imports services.strategies.host"),
        (_GATE, "from services.orders import order_store", "imports services.orders.order_store"),
        (
            _GATE,
            "from services.runtime.bus import Bus",
            "expected services.domain or services.risk",
        ),
        (_GATE, "from services import runtime", "imports services.runtime"),
        (_GATE, "from . import ledger", "imports services.ledger"),
        (_GATE, "from services.venue import exchange", "imports services.venue.exchange"),
        (
            "services/risk/shell.py",
            "import services.state.indicators.vwap",
            "imports services.state.indicators.vwap",
        ),
        ("services/runtime/bus.py", "import services.risk.gate", "imports services.risk.gate"),
        ("services/domain/units.py", "import services.runtime.bus", "expected services.domain:"),
        ("services/runtime/shell.py", 'if a.name == "risk":\n    pass', "names the service risk"),
        (
            "services/runtime/shell.py",
            "from services.domain.messages.market import FeedBatch",
            "imports services.domain.messages.market.FeedBatch, a service's own message",
        ),
        ("services/synthetic/market.py", "import random", "imports random"),
        ("services/nt_twin/client.py", "import threading", "imports threading"),
        (
            "services/venue/exchange.py",
            "from services.runtime.config import ConfigFolder",
            "expected services.domain or services.venue",
        ),
        ("services/venue/shell.py", "import services.nt_twin.link", "imports services.nt_twin"),
        (_GATE, "_NOW = datetime.datetime.now(UTC)", "calls datetime.datetime.now()"),
        (_GATE, "_TODAY = date.today()", "calls date.today()"),
        (
            _GATE,
            "_E = ApprovedEntry(a, b)",
            "makes ApprovedEntry, expected in services/risk/limits",
        ),
        ("services/risk/limits/table.py", "_C = risk.OrderCommand()", "makes OrderCommand"),
        (_GATE, "try:\n    pass\nexcept Exception:\n    pass", "catches Exception"),
        (_GATE, "try:\n    pass\nexcept:\n    pass", "catches everything"),
        (_STATUS, "_C = Console(width=80)", "calls Console(): services/runtime/terminal.py's"),
        (_STATUS, "from rich.markup import escape", "imports rich.markup"),
        (_STATUS, "_A = f'[bold]{name}'", "[bold] is markup"),
        (_STATUS, "_A = f'{name}[/]'", "[/] is markup"),
        (_STATUS, "typer.echo(reply.text)", "calls typer.echo()"),
        (_STATUS, "print(reply.text)", "calls print()"),
        (_STATUS, "_T = Text(name, style='bold')", "calls Text()"),
        (_GATE, "# TODO: the rest", "do it, or open an issue"),
        (_GATE, "\n" * 400, "402 lines without imports, expected at most 400"),
        (_GATE, "def _f():\n" + "    x = 1\n" * 50, "_f has 51 lines, expected at most 50"),
        (_GATE, "".join(f'class A{i}:\n    """A."""\n\n' for i in range(8)), "8 public names"),
        (_GATE, "def f():\n    pass", "f has no docstring"),
        (_GATE, 'class A:\n    """A."""\n\n    def f(self):\n        pass', "f has no docstring"),
    ],
)
def test_a_breach_is_named(path: str, source: str, expected: str) -> None:
    """Each rule, broken once, gives one sentence and no other."""
    (found,) = breaches(path, _HEAD + source)
    assert expected in found


def test_a_module_without_a_docstring_is_named() -> None:
    """The head of a file says what it is."""
    assert breaches(_GATE, "_A = 1\n") == [
        "no module docstring, expected a noun phrase that says what it is"
    ]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (_GATE, "from datetime import UTC, datetime, time\nfrom zoneinfo import ZoneInfo"),
        (
            _GATE,
            "from services.domain.units import Ticks\n"
            "from services.risk.ledger.ledger import Ledger",
        ),
        (_GATE, "_A = clock.now()"),
        ("services/risk/limits/arbitration.py", "_E = ApprovedEntry(candidate, decision)"),
        ("services/risk/shell.py", "import time\nfrom services.runtime.service import Parts"),
        ("services/nt_twin/link.py", "import grpc\nfrom services.runtime import codec"),
        ("services/nt_twin/exchange/exchange_link.py", "import zmq"),
        ("services/venue/shell.py", "import zmq\nfrom services.runtime.config import ConfigFolder"),
        ("services/cli/up.py", "import subprocess\nfrom services.nt_twin.link import Link"),
        ("services/synthetic/market.py", "from random import Random"),
        ("services/domain/units.py", "a = b = c = d = e = f = g = h = 1"),
        ("services/runtime/shell.py", "from services.domain.messages.control import Halt"),
        ("services/runtime/shell.py", '_A = "risky"'),
        ("services/runtime/codec.py", "from pitwire.risk.v1 import risk_pb2"),
        (_FADE, "from pitwire.strategies import Side, guards"),
        (_OWN, "from pitwire import strategies"),
        (_FACE, "from services.strategies.authoring import guards"),
        ("services/runtime/service.py", "try:\n    pass\nexcept Exception:\n    raise"),
        ("services/cli/run_command.py", "try:\n    pass\nexcept Exception:\n    raise"),
        (_STATUS, "from rich.console import Console\n_T = styled(('no', 'red'), values[0])"),
        ("tests/risk/test_gate.py", "import time\nimport services.orders.router"),
        (_GATE, "def _f():\n" + "    x = 1\n" * 49),
        (_GATE, "a = b = c = d = e = f = g = _h = 1"),
    ],
)
def test_a_neighbour_of_a_breach_is_allowed(path: str, source: str) -> None:
    """What the rules leave to kernel, shells and composers, and the last value inside a budget."""
    assert breaches(path, _HEAD + source) == []


def test_the_import_rule_is_the_one_in_the_design() -> None:
    """Domain sees itself; logic the domain and its own; around them each sees what lies below."""
    assert may_import("services/domain/calendar.py") == ("services.domain",)
    assert may_import("services/runtime/node.py") == ("services.domain", "services.runtime")
    assert may_import("services/state/indicators/vwap.py") == ("services.domain", "services.state")
    assert may_import("services/state/__main__.py")[-1] == "services.runtime"
    assert may_import("services/venue/exchange.py") == ("services.domain", "services.venue")
    assert may_import(_FADE) == may_import(_OWN) == ("pitwire.strategies",)
    twin = may_import("services/nt_twin/client.py")
    assert "services.venue" in twin
    assert "services.composition" not in twin
    assert "services.cli" not in may_import("services/review/day/record.py")
