"""One port, served by daphne on the loop of the main thread."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from daphne.server import Server
from twisted.internet import reactor


class Web:
    """Serves an ASGI application on a listening socket until it is told to stop, in the main thread."""

    def __init__(self, application: Any, listening: socket.socket, ready: Callable[[], None]) -> None:
        self.server = Server(
            application,
            endpoints=[f"fd:fileno={listening.detach()}"],
            signal_handlers=False,
            ready_callable=ready,
            verbosity=0,
            server_name="",
        )

    def run(self) -> None:
        self.server.run()

    def stop(self) -> None:
        """From any thread or signal handler."""
        reactor.callFromThread(self.server.stop)
