from __future__ import annotations

import pytest

from stripe_emulator import Emulator


@pytest.fixture(params=["memory", "sqlite"])
def shop(request, make_shop, tmp_path):
    return make_shop(store=None if request.param == "memory" else tmp_path / "stripe.sqlite3")


def look(shop, ada):
    """All that can be seen of a world."""
    emulator = shop.emulator
    kinds = emulator.store.kinds()
    return (
        kinds,
        [(r.id, r.version, r.body, r.hidden) for kind in kinds for r in emulator.store.all(kind)],
        {name: emulator.store.meta(name) for name in emulator.store.metas()},
        shop.totals(),
        shop.totals(ada),
    )


def test_a_snapshot_brings_back_everything(hooked):
    ada = hooked.coach()
    hooked.transfer(hooked.charge(), ada, 9600)
    open_session = hooked.session()
    before = look(hooked, ada)
    hooked.control("POST", "snapshot", name="before")

    hooked.stripe.v1.checkout.sessions.expire(open_session.id)
    hooked.stripe.v1.transfers.reversals.create(hooked.stripe.v1.transfers.list().data[0].id)
    hooked.stripe.v2.core.accounts.close(hooked.coach(), {})
    hooked.emulator.deliver_pending()
    assert look(hooked, ada) != before
    hooked.control("POST", "restore", name="before")

    assert look(hooked, ada) == before


def test_what_was_planned_and_queued_happens_once_more(hooked):
    session = hooked.session()
    hooked.stripe.v1.customers.create({})
    hooked.control("POST", "snapshot", name="before")
    for _ in range(2):
        hooked.inbox.received.clear()
        hooked.control("POST", "restore", name="before")
        hooked.set_clock("2026-11-24T09:00:00Z")
        assert hooked.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"

        hooked.advance(days=1)

        assert hooked.inbox.types() == ["v1.customer.created", "v1.checkout.session.expired"]


def test_what_a_reorder_held_back_is_held_back_again(hooked):
    hooked.control("POST", "faults", kind="reorder_webhooks", times=9)
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()
    hooked.control("POST", "snapshot", name="held")
    hooked.control("POST", "clock")

    hooked.control("POST", "restore", name="held")
    assert len(hooked.inbox.received) == 1
    hooked.control("POST", "clock")

    assert len(hooked.inbox.received) == 2


def test_keys_and_identifiers_are_those_of_the_snapshot(shop):
    given = ({"name": "Ben"}, {"idempotency_key": "k1"})
    kept = shop.stripe.v1.customers.create(*given).id
    shop.control("POST", "snapshot", name="one")
    other = shop.stripe.v1.customers.create({}).id
    shop.control("POST", "restore", name="one")

    assert shop.stripe.v1.customers.create(*given).id == kept
    assert shop.stripe.v1.customers.create({}).id == other


def test_snapshots_have_names_and_the_last_of_a_name_counts(shop):
    for count, name in enumerate(["none", "first", "first"]):
        shop.control("POST", "snapshot", name=name)
        assert len(shop.stripe.v1.customers.list().data) == count
        shop.stripe.v1.customers.create({})

    shop.control("POST", "restore", name="first")
    assert len(shop.stripe.v1.customers.list().data) == 2
    shop.control("POST", "restore", name="none")
    assert shop.stripe.v1.customers.list().data == []


def test_a_snapshot_outlives_a_reset_and_a_restart(make_shop, tmp_path):
    path = tmp_path / "stripe.sqlite3"
    shop = make_shop(store=path)
    kept = shop.stripe.v1.customers.create({}).id
    shop.control("POST", "snapshot", name="kept")
    shop.control("POST", "reset")
    shop.emulator.close()

    again = make_shop(store=path)
    assert again.stripe.v1.customers.list().data == []
    again.control("POST", "restore", name="kept")
    again.emulator.close()

    last = make_shop(store=path)
    assert [customer.id for customer in last.stripe.v1.customers.list().data] == [kept]


def test_an_own_clock_goes_back_with_its_world(tmp_path):
    emulator = Emulator()
    emulator.control("POST", "clock", now="2026-11-24T09:00:00Z")
    emulator.control("POST", "snapshot", name="tuesday")
    emulator.control("POST", "clock", advance=7 * 86400)

    emulator.control("POST", "restore", name="tuesday")

    assert emulator.control("GET", "clock").json()["now"].startswith("2026-11-24T09:0")
    emulator.close()


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("snapshot", {}, 400),
        ("snapshot", {"name": 5}, 400),
        ("restore", {}, 400),
        ("restore", {"name": "nobody's"}, 404),
    ],
)
def test_a_snapshot_needs_a_name_that_is_known(shop, path, given, status):
    assert shop.refused("POST", path, **given)[0] == status


def test_after_a_reset_no_refund_waits_any_more(hooked):
    charge = hooked.charge()
    hooked.control("POST", "disputes", charge=hooked.charge().id)
    hooked.stripe.v1.payouts.list()
    hooked.stripe.v1.transfers.create(
        {"amount": 12000, "currency": "usd", "destination": hooked.coach(), "source_transaction": charge.id}
    )
    assert hooked.stripe.v1.refunds.create({"charge": charge.id}).status == "pending"

    hooked.control("POST", "reset")
    hooked.charge()

    assert hooked.totals() == (0, 11622)


def test_a_reset_switches_the_destinations_of_the_command_line_on(hooked):
    own = hooked.stripe.v2.core.event_destinations.list().data[0].id
    hooked.stripe.v2.core.event_destinations.disable(own)

    hooked.control("POST", "reset")
    hooked.stripe.v1.customers.create({})
    hooked.emulator.deliver_pending()

    assert hooked.inbox.types() == ["v1.customer.created"]
