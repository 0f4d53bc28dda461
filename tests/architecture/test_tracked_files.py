"""What lies in the repository names no package index and no folder of somebody's machine."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.architecture.rules import ROOT

# Written so that this file does not contain what it looks for.
INDEX_HOSTS = re.compile(r"pyp[i]\.or[g]|pythonhoste[d]|registry\.npm[j]s|deb\.debia[n]|debian\.or[g]/debian")
MACHINE_PATHS = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:work|root|farm|home|Users)/", re.MULTILINE)


@pytest.fixture(scope="module")
def texts():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    return {path.relative_to(ROOT): path.read_text(errors="ignore") for path in paths if path.is_file()}


@pytest.mark.parametrize("pattern", [INDEX_HOSTS, MACHINE_PATHS], ids=["index hosts", "machine paths"])
def test_no_tracked_file_names(pattern, texts):
    assert [str(path) for path, text in texts.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (INDEX_HOSTS, "--index-url https://pyp" + "i.org/simple"),
        (INDEX_HOSTS, "https://files.pythonhoste" + "d.org/packages"),
        (MACHINE_PATHS, "data = '/ro" + "ot/northstar/var'"),
        (MACHINE_PATHS, "/wor" + "k/main"),
    ],
)
def test_a_line_that_names_one_is_found(pattern, line):
    assert pattern.search(line)


@pytest.mark.parametrize("line", ["templates/work/page.html", "https://example.test/home/"])
def test_an_address_of_our_own_is_none(line):
    assert not MACHINE_PATHS.search(line)
