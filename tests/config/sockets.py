"""A WebSocket as a browser holds it."""

from __future__ import annotations

import base64
import os
import socket
import struct


class Socket:
    """As much of RFC 6455 as a reader of short text messages needs."""

    def __init__(self, port, path, *headers):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *headers,
        ]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode())
        self.stream = self.connection.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline() != b"\r\n":
            pass

    def send(self, text):
        """A masked frame, as clients have to; the mask of zeros changes nothing."""
        self.connection.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode())

    def close(self):
        self.stream.close()
        self.connection.close()

    def receive(self):
        """The next text message; the frames of this server are short and not masked."""
        opcode, length = self.stream.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.stream.read(2))
        assert opcode == 0x81
        return self.stream.read(length).decode()
