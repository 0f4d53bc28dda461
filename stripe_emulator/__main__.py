"""``python -m stripe_emulator``: the emulator as a process of its own."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from stripe_emulator.emulator import Emulator
from stripe_emulator.money import PLACES
from stripe_emulator.server import Server
from stripe_emulator.settings import Settings


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stripe_emulator", description="A stateful local Stripe.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--store", type=Path, help="SQLite file to keep everything in; default: memory")
    parser.add_argument("--clock", type=Path, help="JSON file that says what time it is")
    parser.add_argument("--destination", action="append", default=[], help="address that gets thin events")
    parser.add_argument(
        "--snapshot-destination", action="append", default=[], help="address that gets snapshots"
    )
    parser.add_argument("--secret", default="", help="signing secret of the destinations, whsec_…")
    parser.add_argument("--public-url", default="", help="our own address in links; default: as requested")
    parser.add_argument("--platform-name", default="The platform", help="who is paid, on the hosted pages")
    parser.add_argument("--country", default="US", help="where the platform is")
    parser.add_argument(
        "--currency", default="usd", choices=sorted(PLACES), metavar="CODE", help="what it settles in"
    )
    parser.add_argument("--seed", default="", help="makes identifiers repeatable")
    parser.add_argument("--check", action="store_true", help="compare every answer with the SDK's types")
    negative = parser.add_mutually_exclusive_group()
    negative.add_argument(
        "--allow-negative-balance", dest="allow_negative", action="store_true", default=True
    )
    negative.add_argument("--refuse-negative-balance", dest="allow_negative", action="store_false")
    return parser.parse_args(given)


def build(chosen: argparse.Namespace) -> Emulator:
    settings = Settings(
        seed=chosen.seed,
        check=chosen.check,
        allow_negative_balance=chosen.allow_negative,
        country=chosen.country.upper(),
        currency=chosen.currency,
        platform_name=chosen.platform_name,
        public_url=chosen.public_url.rstrip("/"),
    )
    emulator = Emulator(settings, store=chosen.store, clock=chosen.clock)
    emulator.keep_destinations([*chosen.destination, *chosen.snapshot_destination])
    for url in chosen.destination:
        emulator.add_destination(url, chosen.secret, "thin")
    for url in chosen.snapshot_destination:
        emulator.add_destination(url, chosen.secret, "snapshot")
    return emulator


def main(given: list[str] | None = None) -> int:
    chosen = arguments(given)
    if (chosen.destination or chosen.snapshot_destination) and not chosen.secret.strip():
        return _refused("a destination needs --secret", 2)
    try:
        server = Server(build(chosen), chosen.host, chosen.port)
    except sqlite3.OperationalError as error:
        return _refused(f"cannot use the store {chosen.store}: {error}", 1)
    except OSError as error:
        return _refused(f"cannot listen on {chosen.host}:{chosen.port}: {error.strerror}", 1)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server.start()
    sys.stdout.write(f"stripe_emulator: listening on {server.url}\n")
    sys.stdout.flush()
    stopped.wait()
    server.stop()
    return 0


def _refused(reason: str, status: int) -> int:
    sys.stderr.write(f"stripe_emulator: {reason}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
