from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from stripe_emulator.store import Store

WRITER = """
import sys, itertools
from pathlib import Path
from stripe_emulator.store import Store
store = Store(Path(sys.argv[1]))
for number in itertools.count():
    with store.step():
        store.add("pair", f"left_{number}", {"n": number})
        store.add("pair", f"right_{number}", {"n": number})
    print(number, flush=True)
"""


@pytest.fixture
def store():
    return Store()


def test_a_step_is_seen_within_itself_and_after_it(store):
    with store.step():
        store.add("thing", "a", {"n": 1})
        assert store.get("thing", "a").body == {"n": 1}
        assert [record.id for record in store.all("thing")] == ["a"]

    assert store.get("thing", "a").version == 1


def test_a_step_that_breaks_leaves_nothing(store):
    with store.step():
        store.add("thing", "a", {"n": 1})

    def break_half_way():
        with store.step():
            store.edit("a").body["n"] = 2
            store.add("thing", "b", {})
            store.remove("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_half_way()

    assert (store.get("thing", "a").body, store.find("b")) == ({"n": 1}, None)


def test_an_edit_is_a_new_version_and_the_old_one_stays_as_it_was(store):
    with store.step():
        store.add("thing", "a", {"inner": {"n": 1}})
    before = store.find("a")

    with store.step():
        store.edit("a").body["inner"]["n"] = 2
        store.edit("a").body["inner"]["m"] = 3

    assert (before.body, before.version) == ({"inner": {"n": 1}}, 1)
    assert (store.find("a").body, store.find("a").version) == ({"inner": {"n": 2, "m": 3}}, 2)


def test_records_come_newest_first_by_account_and_between_bounds(store):
    with store.step():
        made = [store.add("thing", f"t{n}", {}, account=f"acct_{n % 2}") for n in range(6)]

    assert [r.id for r in store.all("thing")] == ["t5", "t4", "t3", "t2", "t1", "t0"]
    assert [r.id for r in store.all("thing", "acct_1")] == ["t5", "t3", "t1"]
    assert [r.id for r in store.all("thing", before=made[3].seq)] == ["t2", "t1", "t0"]
    assert [r.id for r in store.all("thing", after=made[3].seq)] == ["t5", "t4"]


def test_writing_outside_a_step_is_a_mistake(store):
    with pytest.raises(AssertionError):
        store.add("thing", "a", {})


def test_everything_is_there_after_a_restart(tmp_path, make_shop):
    path = tmp_path / "stripe.sqlite3"
    shop = make_shop(store=path)
    ada, session = shop.coach(), shop.session()
    charge = shop.charge()
    transfer = shop.transfer(charge, ada, 9600)
    kept = shop.stripe.v1.customers.create({"name": "Ben"}, {"idempotency_key": "k1"})
    before = (shop.totals(), shop.totals(ada), shop.events(), shop.emulator.world.platform)
    shop.emulator.close()

    again = make_shop(store=path)

    assert (again.totals(), again.totals(ada), again.events(), again.emulator.world.platform) == before
    assert again.stripe.v1.transfers.retrieve(transfer.id).source_transaction == charge.id
    assert again.stripe.v1.customers.create({"name": "Ben"}, {"idempotency_key": "k1"}).id == kept.id
    again.advance(days=1)
    assert again.stripe.v1.checkout.sessions.retrieve(session.id).status == "expired"
    again.set_clock("2026-12-02T00:00:00Z")
    assert [p.status for p in again.stripe.v1.payouts.list({}, again.of(ada)).data] == ["paid"]


def test_deliveries_that_were_queued_leave_after_a_restart(tmp_path, make_shop):
    path = tmp_path / "stripe.sqlite3"
    shop = make_shop(store=path)
    shop.emulator.add_destination("http://shop.test/hook", "whsec_old")
    shop.stripe.v1.customers.create({})
    shop.emulator.close()

    again = make_shop(store=path)
    again.emulator.add_destination("http://shop.test/hook", "whsec_inbox")
    again.emulator.deliver_pending()

    assert [n.type for n in again.inbox.notifications(again.stripe)] == ["v1.customer.created"]
    assert len(again.stripe.v2.core.event_destinations.list().data) == 1


def test_what_a_reorder_holds_back_leaves_after_a_restart(tmp_path, make_shop):
    path = tmp_path / "stripe.sqlite3"
    shop = make_shop(store=path)
    shop.emulator.add_destination("http://shop.test/hook", "whsec_inbox")
    shop.control("POST", "faults", kind="reorder_webhooks", times=9)
    shop.charge()
    shop.emulator.deliver_pending()
    shop.emulator.close()
    assert shop.inbox.types() == []

    make_shop(store=path).control("POST", "clock")

    assert len(shop.inbox.types()) == 4


def test_destinations_of_an_earlier_command_line_are_dropped_and_others_stay(tmp_path, make_shop):
    shop = make_shop(store=tmp_path / "stripe.sqlite3")
    old, new = "http://shop.test:8000/hook", "http://shop.test:8001/hook"
    shop.emulator.add_destination(old, "whsec_inbox")
    own = shop.stripe.v2.core.event_destinations.create(
        {
            "name": "Own",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["*"],
            "webhook_endpoint": {"url": "http://shop.test/own"},
        }
    )

    shop.emulator.keep_destinations([new])
    kept = shop.emulator.add_destination(new, "whsec_inbox")

    assert [d.id for d in shop.stripe.v2.core.event_destinations.list().data] == [kept.id, own.id]


def test_kill_9_leaves_whole_steps_only(tmp_path):
    path = tmp_path / "store.sqlite3"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    for line in writer.stdout:
        if int(line) == 200:
            break
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()

    store = Store(path)

    left, right = (
        {r.id[5:] for r in store.all("pair") if r.id.startswith(side)} for side in ("left_", "right")
    )
    assert len(left) >= 201
    assert left == {number.removeprefix("_") for number in right}
    store.close()


def test_a_file_belongs_to_one_process_and_nothing_is_written_after_closing(tmp_path):
    path = tmp_path / "store.sqlite3"
    store = Store(path)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        Store(path)
    store.close()

    def write():
        with store.step():
            store.add("thing", "a", {})

    with pytest.raises(RuntimeError, match="closed"):
        write()
    again = Store(path)
    assert list(again.all("thing")) == []
    again.close()


def test_ids_repeat_for_the_same_seed_and_not_after_a_reset(make_shop):
    first, second = make_shop().session().id, make_shop().session().id
    other = make_shop(seed="other").session().id
    shop = make_shop()
    shop.session()
    shop.control("POST", "reset")

    assert first == second
    assert other != first
    assert shop.session().id != first
    assert len(first) == len("cs_test_a1") + 56
