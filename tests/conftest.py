"""What every test stands on: a database, the wall clock, sockets that lead to this machine only."""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from xdist.scheduler import LoadFileScheduling

from config.embedded.address import Address
from config.embedded.alone import alone
from config.embedded.postgres import Postgres
from config.embedded.refusal import CannotStartError

# The data of a test run need not survive a power cut.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
RUNNING = pytest.StashKey[ExitStack]()


pytest_plugins = ["tests.radicale", "tests.stripe.fixtures", "tests.stripe.trade"]


class OutsideWorldError(RuntimeError):
    """A test wanted to leave the machine."""


def pytest_addoption(parser):
    parser.addoption("--refuse-skips", action="store_true", help="a skipped test fails the run")


def pytest_configure(config):
    """Without DATABASE_URL the run starts a PostgreSQL of its own, once for all its workers."""
    config.stash[RUNNING] = ExitStack()
    if hasattr(config, "workerinput") or config.option.collectonly or not settings.DATABASE_EMBEDDED:
        return
    postgres = Postgres(Address.below(settings.VAR_DIR), CARELESS)
    try:
        config.stash[RUNNING].enter_context(alone(settings.VAR_DIR))
        config.stash[RUNNING].callback(postgres.stop)
        postgres.start()
    except CannotStartError as refusal:
        pytest.exit(str(refusal), returncode=1)


class _OneSiteForAllBrowsers(LoadFileScheduling):  # type: ignore[misc]
    """A file goes to one worker, and the folder of the browser tests does: they share a running site."""

    def _split_scope(self, nodeid):
        return "tests/browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return _OneSiteForAllBrowsers(config, log) if config.option.dist == "loadfile" else None


def pytest_unconfigure(config):
    config.stash[RUNNING].close()


def pytest_collection_modifyitems(config, items):
    _leave_out_what_needs_services(config, items)
    if shutil.which("chromium") or shutil.which("google-chrome"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


def _leave_out_what_needs_services(config, items):
    """Not skipped but none of this run's: a clone on its own has no Redis."""
    if "REDIS_URL" in os.environ and not settings.DATABASE_EMBEDDED:
        return
    left_out = [item for item in items if item.get_closest_marker("services")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("services")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and item.config.option.refuse_skips and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and this run refuses skips: {report.longrepr[2]}"
    return report


@pytest.fixture(autouse=True)
def _wall_clock():
    """A test that moves the development clock moves it for itself only."""
    Path(settings.CLOCK_FILE).unlink(missing_ok=True)
    yield
    Path(settings.CLOCK_FILE).unlink(missing_ok=True)


@pytest.fixture(autouse=True, scope="session")
def _emptying_passes_the_ledger():
    """Between tests that commit, all tables are emptied, those too whose triggers refuse it."""
    empty = DatabaseOperations.execute_sql_flush

    def as_replica(self, statements):
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        try:
            empty(self, statements)
        finally:
            with self.connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = origin")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", as_replica)
        yield


@pytest.fixture(autouse=True, scope="session")
def _sockets_only_to_loopback():
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            raise OutsideWorldError(f"a test may not connect to {address[0]}")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_loopback(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
