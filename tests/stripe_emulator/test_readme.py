"""What can be told by a machine about the README: that it names everything there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stripe_emulator
from stripe_emulator import __main__, cards, control, faults

README = (Path(stripe_emulator.__file__).parent / "README.md").read_text()


def test_every_option_of_the_command_is_explained(capsys):
    with pytest.raises(SystemExit):
        __main__.arguments(["--help"])

    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}

    assert len(options) > 10
    assert {option for option in options if f"`{option}" not in README} == set()


def test_every_control_is_explained():
    paths = {
        (method, re.sub(r"\(\[\^/\]\+\)", "{}", pattern.pattern).replace("\\", "").strip("^$"))
        for method, pattern, _ in control.CONTROLS
    }
    told = re.sub(r"\{\w+\}", "{}", README)

    missing = {
        (method, path)
        for method, path in paths
        if f"{method} {path.removeprefix(control.PREFIX)}" not in told
    }

    assert len(paths) > 20
    assert missing == set()


def test_every_test_card_and_every_fault_is_explained():
    assert {
        card.number for card in cards.CARDS if f"| {card.number} | `{card.name}` |" not in README
    } == set()
    assert {kind for kind in faults.REQUEST | faults.WEBHOOK if f"`{kind}`" not in README} == set()
