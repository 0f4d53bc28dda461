"""The pieces of the embedded default one by one."""

from __future__ import annotations

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from config.embedded.address import LONGEST_SOCKET_PATH, SOCKET_NAME, Address
from config.embedded.alone import alone
from config.embedded.ports import EMULATOR, SITE, Ports, announce, claim
from config.embedded.postgres import Postgres
from config.embedded.refusal import CannotStartError
from config.embedded.secret import secret
from tests.site import free_port


def test_a_secret_is_made_once_whoever_asks_first(tmp_path):
    with ThreadPoolExecutor(8) as askers:
        told = set(askers.map(lambda _: secret(tmp_path, "webhook"), range(32)))
    assert [len(value) for value in told] == [64]
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["webhook"]
    assert stat.S_IMODE((tmp_path / "secrets/webhook").stat().st_mode) == 0o600


def test_two_secrets_differ(tmp_path):
    assert secret(tmp_path, "webhook") != secret(tmp_path, "session")


def test_ports_come_from_the_environment_then_the_running_site_then_the_defaults(tmp_path, monkeypatch):
    monkeypatch.delenv("NORTHSTAR_PORT", raising=False)
    monkeypatch.delenv("NORTHSTAR_EMULATOR_PORT", raising=False)
    assert Ports.current(tmp_path) == Ports(SITE, EMULATOR)
    Ports(8101, 12251).remember(tmp_path)
    assert Ports.current(tmp_path) == Ports(8101, 12251)
    monkeypatch.setenv("NORTHSTAR_PORT", "8102")
    assert Ports.current(tmp_path) == Ports(8102, 12251)


def test_a_command_line_announces_its_ports(tmp_path, monkeypatch):
    monkeypatch.setenv("NORTHSTAR_PORT", "1")
    monkeypatch.setenv("NORTHSTAR_EMULATOR_PORT", "2")
    announce(["--port", "8103", "--verbosity", "2"])
    assert Ports.current(tmp_path) == Ports(8103, EMULATOR)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "8000.5"])
def test_what_is_no_port_is_refused(port, capsys):
    with pytest.raises(SystemExit):
        announce(["--port", port])
    assert "is no port" in capsys.readouterr().err


def test_a_port_is_listened_on_once():
    port = free_port()
    with claim(port, "--port") as other:
        other.listen()
        with pytest.raises(CannotStartError, match=f"Port {port} is in use"):
            claim(port, "--port")


def test_a_folder_is_used_by_one_at_a_time(tmp_path):
    with alone(tmp_path), pytest.raises(CannotStartError, match="is in use by process"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_a_short_folder_holds_the_socket_and_a_long_one_gets_a_port(tmp_path):
    near = Address.below(tmp_path)
    assert (near.settings["HOST"], near.settings["PORT"]) == (str(tmp_path / "postgres"), "")
    deep = tmp_path / ("d" * LONGEST_SOCKET_PATH)
    address = Address.below(deep)
    assert len(str(address.folder / SOCKET_NAME)) > LONGEST_SOCKET_PATH
    assert address.settings["HOST"] == "127.0.0.1"
    assert Address.below(deep) == address
    comma = Address.below(tmp_path / "a,b")
    assert comma.settings["HOST"] == "127.0.0.1"


@pytest.mark.slow
def test_a_database_in_a_deep_folder_starts_stops_and_knows_its_letters():
    var = settings.VAR_DIR / f"deep-{settings.WORKER}" / ("d" * LONGEST_SOCKET_PATH)
    shutil.rmtree(var.parent, ignore_errors=True)
    postgres = Postgres(Address.below(var))
    try:
        postgres.start()
        with postgres.connect("northstar") as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT upper('école'), to_tsvector('simple', 'ÉCOLE') = to_tsvector('simple', 'école')"
            )
            assert cursor.fetchone() == ("ÉCOLE", True)
        connection.close()
    finally:
        postgres.stop()
    assert not postgres.runs()
