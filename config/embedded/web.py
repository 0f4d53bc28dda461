"""The site on one port: sockets by daphne, HTTP by the bounded pool behind `config.asgi`."""

from __future__ import annotations

import socket
from collections.abc import Callable

from daphne.server import Server
from twisted.internet import reactor

from config.asgi import application


class Web:
    """Serves on a listening socket until it is told to stop; ``run`` belongs to the main thread."""

    def __init__(self, listening: socket.socket, ready: Callable[[], None]) -> None:
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
