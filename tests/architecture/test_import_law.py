"""The contracts of import-linter hold, and each can be broken: a small house with one wrong import."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.rules import ROOT

LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]

WRONG = [
    ("payouts/domain/post.py", "import marketplace", "Call down, announce up"),
    ("payments/models/order.py", "import scheduling", "Call down, announce up"),
    ("payments/queries.py", "import payments.views", "Inside an app"),
    ("payments/views.py", "import payments.api", "Inside an app"),
    ("scheduling/rules.py", "import core.money", "Scheduling knows time, not money"),
    ("payments/domain/pay.py", "import stripe", "One door to Stripe"),
    ("stripe_emulator/store.py", "import core", "The emulator knows nothing of the site"),
    ("scheduling/domain/sync.py", "import caldav", "One door to calendars elsewhere"),
    ("core/tasks.py", "import stripe_emulator", "The site knows Stripe, not its emulator"),
]


def test_the_house_keeps_the_law():
    done = subprocess.run(LINT, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def small_house(tmp_path):
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        for part in ("views", "api", "money"):
            (tmp_path / name / f"{part}.py").touch()
    for door, beyond in (("stripe", "import stripe"), ("calendars", "import caldav, recurring_ical_events")):
        (tmp_path / "integrations" / door).mkdir()
        (tmp_path / "integrations" / door / "__init__.py").write_text(f"{beyond}\n")
    return tmp_path


@pytest.mark.parametrize(("path", "line", "contract"), WRONG)
def test_a_wrong_import_breaks_its_contract(path, line, contract, small_house):
    wrong = small_house / path
    wrong.parent.mkdir(exist_ok=True)
    (wrong.parent / "__init__.py").touch()
    wrong.write_text(f"{line}\n")
    done = subprocess.run(LINT, cwd=small_house, capture_output=True, text=True, check=False)
    verdicts = [text for text in done.stdout.splitlines() if text.endswith(("KEPT", "BROKEN"))]
    assert [text for text in verdicts if text.endswith("BROKEN")] == [f"{contract} BROKEN"]


def test_a_small_house_without_a_wrong_import_is_kept(small_house):
    done = subprocess.run(LINT, cwd=small_house, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
