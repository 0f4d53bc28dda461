"""The emulator by itself: a copy of its package in an empty folder, beside `stripe` and what that needs."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import stripe

import stripe_emulator

NAME = re.compile(r"[\w.-]+")


def needed_by(name, found=()):
    """A distribution and all it needs, extras left out."""
    found = {*found, name}
    for line in metadata.requires(name) or ():
        wanted = NAME.match(line)[0]
        if "extra ==" not in line and wanted not in found and is_installed(wanted):
            found |= needed_by(wanted, found)
    return found


def is_installed(name):
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def install(name, folder):
    """Its top-level packages and modules, as links."""
    files = metadata.distribution(name).files
    for top in {file.parts[0] for file in files if not file.parts[0].startswith(("..", "__pycache__"))}:
        (folder / top).symlink_to(metadata.distribution(name).locate_file(top))


@pytest.fixture
def folder(tmp_path):
    package = Path(stripe_emulator.__file__).parent
    shutil.copytree(package, tmp_path / "stripe_emulator", ignore=shutil.ignore_patterns("__pycache__"))
    installed = tmp_path / "installed"
    installed.mkdir()
    for name in needed_by("stripe"):
        install(name, installed)
    return tmp_path


@pytest.fixture
def url(folder):
    """Where the copy listens."""
    command = [sys.executable, "-S", "-m", "stripe_emulator", "--port", "0", "--check"]
    environment = {"PYTHONPATH": str(folder / "installed"), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [*command, "--store", "stripe.sqlite3"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    assert line.startswith("stripe_emulator: listening on "), process.stderr.read()
    yield line.split()[-1]
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_a_copy_of_the_package_works_with_stripe_alone(folder, url):
    client = stripe.StripeClient("sk_test_alone", base_addresses={"api": url})

    customer = client.v1.customers.create({"name": "Ben"})

    assert [found.id for found in client.v1.customers.list().data] == [customer.id]
    assert (folder / "stripe.sqlite3").exists()


def test_the_copy_has_its_pages_and_controls(url):
    for path, expected in (
        ("/", "Stripe emulator"),
        ("/static/emulator.css", "light-dark("),
        ("/healthz", "ok"),
    ):
        assert expected in fetch(url + path)
    assert '"now"' in fetch(f"{url}/_emulator/clock")


def fetch(address):
    client = stripe.new_default_http_client()
    content, status, _ = client.request("GET", address, {}, None)
    assert status == 200
    return content if isinstance(content, str) else content.decode()
