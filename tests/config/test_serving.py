"""``manage.py run``: it starts, answers everybody at once, and stops everything it started."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from django.conf import settings

from config.embedded.address import Address
from config.embedded.postgres import Postgres
from tests.site import Site, free_port, manage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def var():
    # Not below pytest's own folder: it is for root only again with every run, and PostgreSQL is not root.
    folder = settings.VAR_DIR / f"site-{settings.WORKER}"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture(scope="module")
def site(var):
    running = Site(var).wait_until_healthy()
    yield running
    end(running)


def end(site):
    """Leave nothing behind, whatever a test did to it."""
    site.process.kill()
    site.process.wait()
    Postgres(Address.below(site.var)).stop()


def database_runs(var):
    return Postgres(Address.below(var)).runs()


def test_three_hundred_requests_at_once_are_all_answered(site):
    assert site.statuses_at_once("/healthz", 300) == {200: 300}
    assert site.statuses_at_once("/accounts/login/", 300) == {200: 300}


def test_a_second_site_on_the_same_folder_is_refused_in_one_line(var, site):
    refused = manage(var, "run", "--no-demo", "--port", free_port(), "--emulator-port", free_port())
    assert refused.returncode == 1
    assert (
        refused.stderr == f"{var} is in use by process {site.process.pid}: stop it with Ctrl-C there first.\n"
    )
    assert site.status("/healthz") == 200


def test_a_port_in_use_is_refused_in_one_line(tmp_path, site):
    refused = manage(tmp_path, "run", "--no-demo", "--port", site.port, "--emulator-port", free_port())
    assert (refused.returncode, refused.stderr) == (
        1,
        f"Port {site.port} is in use: choose another with PORT (or --port).\n",
    )
    refused = manage(tmp_path, "run", "--no-demo", "--port", free_port(), "--emulator-port", site.port)
    assert (refused.returncode, refused.stderr) == (
        1,
        f"Port {site.port} is in use: choose another with EMULATOR_PORT (or --emulator-port).\n",
    )


def test_commands_of_another_terminal_know_where_the_site_is(var, site):
    assert json.loads((var / "ports.json").read_text()) == {"site": site.port, "emulator": site.emulator_port}
    shown = manage(
        var, "shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SITE_URL)"
    )
    assert shown.stdout.strip() == f"http://127.0.0.1:{site.port}"


def test_a_command_without_the_running_database_says_what_to_do(tmp_path):
    told = manage(tmp_path, "clearsessions")
    assert (told.returncode, told.stderr) == (
        1,
        "The embedded database is not running: run the site (`make run`), or give DATABASE_URL.\n",
    )


def test_secrets_are_for_their_owner_only(var, site):
    made = [var / "secrets", *(var / "secrets").iterdir()]
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in made} == {
        "secrets": "0o700",
        "postgres": "0o600",
        "secret_key": "0o600",
        "stripe_webhook": "0o600",
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/%FF%FE", 404),
        ("/accounts/login/?q=%FF", 200),
        ("/nowhere/?q=%00", 404),
        ("/static/../manage.py", 404),
    ],
)
def test_odd_addresses_are_answered_not_crashed(path, status, site):
    assert site.status(path) == status


def test_a_huge_body_is_refused_as_too_much(site):
    assert site.status("/accounts/login/", "POST", b"x" * 3_000_000) == 403


@pytest.fixture
def other_var(var):
    folder = var.with_name(f"{var.name}-other")
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def test_interrupting_a_background_job_stops_everything_and_a_second_start_finds_its_data(other_var):
    site = Site(other_var).wait_until_healthy()
    started = site.descendants()
    assert len(started) > 0
    assert manage(other_var, "api_token", "ada@example.test", "--create").returncode == 0
    assert site.stop(signal.SIGINT) == 0
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
    assert not database_runs(other_var)
    assert site.status("/healthz") == "ConnectionRefusedError"
    again = Site(other_var).wait_until_healthy()
    assert manage(other_var, "api_token", "ada@example.test").returncode == 0
    assert again.stop(signal.SIGTERM) == 0


def test_after_kill_minus_nine_a_start_works(other_var):
    killed = Site(other_var).wait_until_healthy()
    postmaster = int((other_var / "postgres/data/postmaster.pid").read_text().split()[0])
    for pid in [killed.process.pid, *killed.descendants(), postmaster]:
        os.kill(pid, signal.SIGKILL)
    killed.process.wait()
    alone = Site(other_var).wait_until_healthy()
    alone.process.kill()
    alone.process.wait()
    assert database_runs(other_var)
    adopter = Site(other_var).wait_until_healthy()
    assert adopter.stop() == 0
    assert not database_runs(other_var)
