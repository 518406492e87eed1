"""Try the properties for as many steps as wanted: `make properties`.

Every mix of faults (tests/support/session_world/faults.py) is tried for `--steps` steps, a seed per
thousand. Printed are the seeds, how often each fault happened, how often the link was RECONCILED,
how long a flatten took. Exit 1 when a fault of a mix never happened; a property that breaks ends
the run with seed, step and the forty steps before it.
"""

import itertools
import sys
from typing import Annotated

import typer
from rich.console import Console

from services.domain.messages.orders import LinkState
from tests.support.session_world.faults import MIXES
from tests.support.session_world.session import SessionReport, run_session


def main(
    steps: Annotated[int, typer.Option(help="Steps of each mix.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The first seed.")] = 1,
    mix: Annotated[str, typer.Option(help=f"One of {', '.join(MIXES)}; else each.")] = "",
) -> None:
    """Try every property with seeds from one on."""
    console = Console()
    names = [mix] if mix else list(MIXES)
    reports = {name: _tried(console, name, steps, seed) for name in names}
    never = [
        f"{name}: {fault}"
        for name, report in reports.items()
        for fault, count in report.faults.items()
        if not count
    ]
    if never:
        console.print(f"these faults never happened: {', '.join(never)}", markup=False)
    sys.exit(bool(never))


def _tried(console: Console, name: str, steps: int, first: int) -> SessionReport:
    total = SessionReport()
    seed = first
    for seed in itertools.count(first):
        total.add(run_session(seed, MIXES[name]))
        if total.steps >= steps:
            break
    _print(console, f"{name}, seeds {first} to {seed}", total)
    return total


def _print(console: Console, title: str, report: SessionReport) -> None:
    reconciled = report.link[LinkState.RECONCILED.name] / report.link.total()
    waits = sorted(report.flat_steps) or [0]
    seconds = sorted(report.flat_seconds) or [0.0]
    middle = waits[len(waits) // 2]
    lines = (
        f"{title}: {report.steps:,} steps in {report.seconds:.0f} s",
        f"  link RECONCILED at {reconciled:.0%} of the steps; {_counts(report.link)}",
        f"  {_counts(report.seen)}",
        f"  flattens tried {report.flattens}, of them with something held or working {len(waits)}:"
        f" flat after {middle} steps (median), {waits[-1]} at most, {seconds[-1]:.1f} s at most",
        f"  faults: {_counts(report.faults)}",
    )
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _counts(counter: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counter.items()))


if __name__ == "__main__":
    typer.run(main)
