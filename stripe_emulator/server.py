"""The HTTP transport: a threaded HTTP/1.1 server in front of an emulator, and its delivery worker."""

from __future__ import annotations

import logging
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stripe_emulator.api import LONGEST_BODY
from stripe_emulator.delivery import Worker
from stripe_emulator.emulator import Emulator
from stripe_emulator.http import Request, Response

LOG = logging.getLogger("stripe_emulator")
IDLE_SECONDS = 75


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stripe-emulator"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave as one packet
    server: Server

    def _handle(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LONGEST_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._send(Response(413, b"", {}))
            return
        body = self.rfile.read(int(length))
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        response = self._answer(request)
        if response.wait:
            self.server.stopping.wait(response.wait)
        if response.lost:
            self._lose(response.lost)
        else:
            self._send(response)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = _handle  # noqa: N815  (the base class's names)

    def _answer(self, request: Request) -> Response:
        try:
            return self.server.emulator.handle(request)
        except Exception:
            LOG.exception("%s %s broke", request.method, request.path)
            message = "The emulator broke; its log says how."
            return Response.of({"error": {"type": "api_error", "message": message}}, 500)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _lose(self, how: str) -> None:
        """Close without an answer; a reset tells the other side so at once."""
        self.close_connection = True
        if how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: requests are seen on the control page."""


class Server(ThreadingHTTPServer):
    """Serves an emulator until `stop`; deliveries run beside it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, emulator: Emulator, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), Handler)
        self.emulator = emulator
        self.stopping = threading.Event()
        self.worker = Worker(emulator.deliveries, emulator.run_due)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def run(self) -> None:
        """Serve in this thread."""
        self.worker.start()
        self.serve_forever(poll_interval=0.1)

    def start(self) -> threading.Thread:
        """Serve in a thread of its own."""
        thread = threading.Thread(target=self.run, name="stripe-emulator", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self.stopping.set()
        self.worker.stop()
        self.shutdown()
        self.server_close()
        self.worker.join(timeout=1)
        self.emulator.close()

    def handle_error(self, _request: Any, client_address: Any) -> None:
        """A client that went away is no news."""
        error = sys.exception()
        if not isinstance(error, OSError):
            LOG.error("a connection from %s broke", client_address, exc_info=error)
