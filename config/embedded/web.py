"""One port, served by daphne on the loop of the main thread."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from daphne.server import Server
from twisted.internet import reactor

from config.embedded.ports import BACKLOG
from config.embedded.refusal import CannotStartError


class Web:
    """Serves an ASGI application on a claimed socket until it is told to stop, in the main thread."""

    def __init__(self, application: Any, claimed: socket.socket, ready: Callable[[], None]) -> None:
        try:
            claimed.listen(BACKLOG)
        except OSError as error:
            port = claimed.getsockname()[1]
            raise CannotStartError(f"Port {port} was taken meanwhile: start again with another.") from error
        self.server = Server(
            application,
            endpoints=[f"fd:fileno={claimed.detach()}"],
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
