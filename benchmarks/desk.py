"""The measured desk: its processes, separate or co-located, started and asked for figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.desk_client import DeskClient
from benchmarks.desk_folder import write_folder
from benchmarks.hops import Series, read_series
from benchmarks.processes import Children, page

_SEED: Final = 7


class MeasuredDesk:
    """A running desk with its client connected."""

    def __init__(self, link: DeskClient, ports: dict[str, str]) -> None:
        self.link = link
        self._ports = ports

    def series(self) -> Series:
        """Read every service's histograms."""
        texts = (page(address, "/metrics") for address in self._ports.values())
        return read_series(text for text in texts if text is not None)


@contextmanager
def separate_desk(folder: Path) -> Iterator[MeasuredDesk]:
    """Run the desk as one process per service."""
    endpoints = write_folder(folder)
    with Children(folder / "logs") as children:
        for name in endpoints:
            children.start(name, f"services.{name}", str(folder))
        yield from _connected(children, endpoints)


@contextmanager
def colocated_desk(folder: Path) -> Iterator[MeasuredDesk]:
    """Run every machine of the desk in one process."""
    endpoints = write_folder(folder)
    with Children(folder / "logs") as children:
        children.start("desk", "services.cli", "up", "--config", str(folder), "--colocate")
        yield from _connected(children, endpoints)


def _connected(children: Children, endpoints: dict[str, dict[str, str]]) -> Iterator[MeasuredDesk]:
    ports = {name: addresses["http"] for name, addresses in endpoints.items()}

    def alive() -> bool:
        return all(page(address, "/livez") for address in ports.values())

    def ready() -> bool:
        return all(page(address, "/readyz") for address in ports.values())

    children.wait_for(alive, "every service lived")
    link = DeskClient(endpoints["ingest"]["edge"], endpoints["orders"]["edge"], _SEED)
    try:
        link.hello()
        children.wait_for(ready, "every service was ready")
        link.warm_up()
        yield MeasuredDesk(link, ports)
    finally:
        link.close()
