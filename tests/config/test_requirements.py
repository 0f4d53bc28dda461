"""What is installed is pinned, hashed, and brings one driver."""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest
from django.db import connection

from tests.architecture.rules import ROOT

FILES = ["runtime.txt", "test.txt"]


def pins(name):
    """``{package: version}`` of one compiled file."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_a_pin_or_its_hash(name):
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    pattern = re.compile(r"[\w.-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not pattern.fullmatch(line)] == []


def test_tests_run_on_what_the_site_runs_on():
    runtime, test = pins("runtime.txt"), pins("test.txt")
    assert {name: test.get(name) for name in runtime} == runtime


def test_the_driver_is_psycopg2_and_no_other_can_take_its_place():
    # Django prefers psycopg 3 silently as soon as it is importable.
    assert connection.Database.__name__ == "psycopg2"
    assert find_spec("psycopg") is None
    assert [name for file in FILES for name in pins(file) if name in {"psycopg", "psycopg-binary"}] == []
