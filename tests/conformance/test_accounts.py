from __future__ import annotations

import pytest
import stripe

from .conftest import RECIPIENT, of

EVERYTHING = ["configuration.recipient", "requirements", "identity", "defaults"]


def capabilities(account):
    states = account.configuration.recipient.capabilities.stripe_balance
    return states.stripe_transfers.status, states.payouts.status


@pytest.fixture
def ada(platform):
    return platform.recipient()


@pytest.fixture
def read(v2):
    return lambda account: v2.core.accounts.retrieve(account, {"include": EVERYTHING})


def test_a_new_recipient_is_restricted_until_he_is_onboarded(v2, read):
    account = read(v2.core.accounts.create(RECIPIENT).id)

    assert capabilities(account)[0] == "restricted"
    assert account.requirements.entries


def test_parts_of_an_account_are_shown_only_when_asked_for(v2):
    made = v2.core.accounts.create(RECIPIENT)

    bare = v2.core.accounts.retrieve(made.id)

    assert (bare.configuration, bare.requirements, bare.identity) == (None, None, None)


def test_an_account_keeps_what_it_was_made_with(v2, read):
    account = read(v2.core.accounts.create(RECIPIENT | {"metadata": {"coach": "1"}}).id)

    assert (account.contact_email, account.dashboard) == ("ada@demo.test", "express")
    assert (account.identity.country, account.metadata["coach"]) == ("us", "1")
    assert account.defaults.responsibilities.losses_collector == "application"


def test_updating_an_account_leaves_out_what_is_not_named(v2):
    made = v2.core.accounts.create(RECIPIENT)

    changed = v2.core.accounts.update(made.id, {"display_name": "Ada"})

    assert (changed.display_name, changed.contact_email) == ("Ada", "ada@demo.test")


def test_accounts_are_listed_by_pages_with_addresses(v2):
    for _ in range(2):
        v2.core.accounts.create(RECIPIENT)

    page = v2.core.accounts.list({"limit": 1})

    assert (len(page.data), page.next_page_url.startswith("/v2/core/accounts?")) == (1, True)


def test_a_closed_account_is_not_changed_any_more(v2):
    made = v2.core.accounts.create(RECIPIENT)
    assert v2.core.accounts.close(made.id, {"applied_configurations": ["recipient"]}).closed is True

    with pytest.raises(stripe.InvalidRequestError):
        v2.core.accounts.update(made.id, {"display_name": "Ada"})


def test_an_account_link_leads_to_onboarding_and_expires(v2):
    made = v2.core.accounts.create(RECIPIENT)
    details = {"refresh_url": "https://shop.test/again", "return_url": "https://shop.test/back"}

    link = v2.core.account_links.create(
        {"account": made.id, "use_case": {"type": "account_onboarding", "account_onboarding": details}}
    )

    assert link.account == made.id
    assert link.url.startswith("http")
    assert link.expires_at > link.created


def test_an_onboarded_recipient_has_both_capabilities(ada, read):
    assert capabilities(read(ada)) == ("active", "active")


def test_v1_shows_the_same_account(v1, ada):
    seen = v1.accounts.retrieve(ada)

    assert (seen.capabilities.transfers, seen.payouts_enabled) == ("active", True)


def test_an_express_account_has_a_link_to_its_dashboard(v1, ada):
    assert v1.accounts.login_links.create(ada).url.startswith("http")


def test_nobody_signs_in_before_he_is_onboarded(v1, v2):
    made = v2.core.accounts.create(RECIPIENT)

    with pytest.raises(stripe.InvalidRequestError):
        v1.accounts.login_links.create(made.id)


@pytest.mark.emulator_only
def test_a_lost_capability_names_what_is_needed(platform, ada, read):
    platform.control(f"accounts/{ada}/capability", status="restricted")

    account = read(ada)

    assert capabilities(account) == ("restricted", "restricted")
    assert [entry.awaiting_action_from for entry in account.requirements.entries] == ["user"]


@pytest.mark.emulator_only
def test_a_capability_comes_back_and_nothing_is_needed_any_more(platform, ada, read):
    for status in ("restricted", "active"):
        platform.control(f"accounts/{ada}/capability", status=status)

    assert capabilities(read(ada)) == ("active", "active")
    assert read(ada).requirements.entries == []


@pytest.mark.emulator_only
def test_what_is_asked_for_by_a_day_restricts_nothing_before(platform, ada, read):
    platform.control(f"accounts/{ada}/require", needed=["individual.address"], by="2026-12-01T00:00:00Z")

    account = read(ada)
    assert capabilities(account) == ("active", "active")
    assert account.requirements.summary.minimum_deadline.time == "2026-12-01T00:00:00.000Z"

    platform.go_to("2026-12-01T00:00:00Z")
    assert capabilities(read(ada)) == ("restricted", "restricted")


@pytest.mark.emulator_only
def test_changes_of_a_capability_come_as_thin_events_only(platform, ada):
    platform.listen()
    platform.control(f"accounts/{ada}/capability", status="restricted")

    told = platform.arrived()

    assert told.count("v2.core.account[configuration.recipient].capability_status_updated") == 2
    assert "v2.core.account[requirements].updated" in told


@pytest.mark.emulator_only
def test_who_has_lost_the_capability_is_sent_nothing(platform, v1, ada):
    charge = platform.charge()
    platform.control(f"accounts/{ada}/capability", status="restricted")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        platform.transfer(charge, ada, 100)

    assert refusal.value.code == "insufficient_capabilities_for_transfer"
    assert v1.transfers.list({"destination": ada}).data == []


@pytest.mark.emulator_only
def test_the_payouts_of_a_restricted_account_wait(platform, v1, ada):
    platform.transfer(platform.charge(), ada, 9600)
    platform.control(f"accounts/{ada}/capability", status="restricted")
    platform.advance(days=8)
    assert v1.payouts.list({}, of(ada)).data == []

    platform.control(f"accounts/{ada}/capability", status="active")
    platform.advance(days=8)

    assert [payout.amount for payout in v1.payouts.list({}, of(ada)).data] == [9600]
