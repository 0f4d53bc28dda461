"""The two ports of the embedded default, known to every process that works on the same ``var/``."""

from __future__ import annotations

import json
import os
import socket
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict, dataclass
from pathlib import Path

from config.embedded.refusal import CannotStartError

SITE = 8000
EMULATOR = 12111
SITE_VARIABLE = "NORTHSTAR_PORT"
EMULATOR_VARIABLE = "NORTHSTAR_EMULATOR_PORT"
HIGHEST = 65535
# As many connections wait in the kernel as may arrive at once.
BACKLOG = 1024


@dataclass(frozen=True)
class Ports:
    """Where the site and the Stripe emulator listen on 127.0.0.1."""

    site: int = SITE
    emulator: int = EMULATOR

    @classmethod
    def current(cls, var: Path) -> Ports:
        """What the environment says, else what the running site wrote down, else the defaults."""
        remembered = _remembered(var)
        return cls(
            int(os.environ.get(SITE_VARIABLE) or remembered.site),
            int(os.environ.get(EMULATOR_VARIABLE) or remembered.emulator),
        )

    def remember(self, var: Path) -> None:
        """Let commands given in another terminal make links that lead here."""
        draft = _file(var).with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(_file(var))


def add_arguments(parser: ArgumentParser) -> None:
    """``--port`` and ``--emulator-port``."""
    parser.add_argument("--port", type=_port, metavar="PORT", help=f"of the site, {SITE} by default")
    parser.add_argument(
        "--emulator-port", type=_port, metavar="PORT", help=f"of the Stripe emulator, {EMULATOR}"
    )


def announce(arguments: list[str]) -> None:
    """Put the ports a command line names into the environment: settings make addresses of them."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    add_arguments(parser)
    known, _ = parser.parse_known_args(arguments)
    os.environ[SITE_VARIABLE] = str(known.port or SITE)
    os.environ[EMULATOR_VARIABLE] = str(known.emulator_port or EMULATOR)


def claim(port: int, option: str) -> socket.socket:
    """A socket on 127.0.0.1 that does not listen yet, or one line that says which ``option`` to change.

    Until somebody serves, callers are refused at once instead of waiting in a queue that nobody reads.
    """
    claimed = socket.socket()
    claimed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        claimed.bind(("127.0.0.1", port))
    except OSError as error:
        claimed.close()
        raise CannotStartError(f"Port {port} is in use: choose another with {option}.") from error
    return claimed


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST:
        raise ArgumentTypeError(f"{text} is no port, ports are 1 to {HIGHEST}")
    return int(text)


def _remembered(var: Path) -> Ports:
    try:
        return Ports(**json.loads(_file(var).read_text()))
    except FileNotFoundError:
        return Ports()


def _file(var: Path) -> Path:
    return var / "ports.json"
