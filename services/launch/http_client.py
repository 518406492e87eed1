"""Ask a service's HTTP port; no answer is a result, not an error."""

import http.client
from typing import Final

import msgspec

from services.runtime.service_status import ServiceStatus

_WAIT_S: Final = 1.0


class Answer(msgspec.Struct, frozen=True):
    """Status 0: no connection."""

    status: int
    body: bytes


def get(address: str, path: str) -> Answer:
    """One GET, bounded in time."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=_WAIT_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, str(error).encode())
    finally:
        connection.close()


def read_status(address: str) -> ServiceStatus | None:
    """What a service shows on /status; None when none of ours answers there."""
    answer = get(address, "/status")
    if answer.status != 200:
        return None
    try:
        return msgspec.json.decode(answer.body, type=ServiceStatus)
    except msgspec.MsgspecError:
        return None  # another program's port
