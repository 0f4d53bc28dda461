from __future__ import annotations

import pytest
import stripe

RECIPIENT = {"include": ["configuration.recipient", "requirements", "identity"]}


def transfers_of(account):
    return account.configuration.recipient.capabilities.stripe_balance.stripe_transfers


def test_a_new_recipient_is_restricted_and_says_what_it_needs(shop):
    ada = shop.stripe.v2.core.accounts.retrieve(shop.coach(outcome=None), RECIPIENT)

    assert transfers_of(ada).status == "restricted"
    assert [detail.code for detail in transfers_of(ada).status_details] == ["requirements_past_due"]
    needed = [entry.description for entry in ada.requirements.entries]
    assert "payout_method" in needed
    assert ada.requirements.summary.minimum_deadline.status == "currently_due"


def test_parts_that_were_not_asked_for_are_null(shop):
    ada = shop.stripe.v2.core.accounts.retrieve(shop.coach())

    assert (ada.configuration, ada.identity, ada.requirements, ada.defaults) == (None, None, None, None)
    assert (ada.applied_configurations, ada.dashboard) == (["recipient"], "express")


@pytest.mark.parametrize(
    ("outcome", "status", "needed"),
    [
        ("complete", "active", []),
        ("partial", "restricted", ["individual.id_number", "payout_method"]),
        ("rejected", "rejected", []),
    ],
)
def test_onboarding_ends_as_it_was_told_to(shop, outcome, status, needed):
    ada = shop.stripe.v2.core.accounts.retrieve(shop.coach(outcome), RECIPIENT)

    assert transfers_of(ada).status == status
    assert [entry.description for entry in ada.requirements.entries] == needed
    assert ada.identity.individual.given_name == "Jenny"


def test_a_form_left_half_way_tells_what_is_needed_now(hooked):
    ada = hooked.coach(outcome=None)
    hooked.emulator.deliver_pending()
    hooked.inbox.received.clear()

    hooked.control("POST", f"accounts/{ada}/onboard", outcome="partial")
    hooked.emulator.deliver_pending()

    assert hooked.inbox.types().count("v2.core.account[requirements].updated") == 1


@pytest.mark.parametrize("status", ["active", "pending", "restricted", "rejected", "unsupported"])
def test_the_capability_can_be_set_and_tells_of_it(hooked, status):
    ada = hooked.coach(outcome=None)
    hooked.emulator.deliver_pending()
    hooked.inbox.received.clear()

    answer = hooked.control("POST", f"accounts/{ada}/capability", status=status)

    states = answer["configuration"]["recipient"]["capabilities"]["stripe_balance"]
    assert {state["status"] for state in states.values()} == {status}
    hooked.emulator.deliver_pending()
    told = "v2.core.account[configuration.recipient].capability_status_updated"
    assert hooked.inbox.types().count(told) == (0 if status == "restricted" else 2)


def test_a_capability_event_leads_to_the_account_and_names_the_capability(hooked):
    ada = hooked.coach()
    hooked.emulator.deliver_pending()

    found = [
        n for n in hooked.inbox.notifications(hooked.stripe) if n.type.endswith("capability_status_updated")
    ]

    assert {n.related_object.id for n in found} == {ada}
    assert found[0].fetch_event().data.updated_capability == "stripe_balance.stripe_transfers"
    assert found[0].fetch_related_object().id == ada


def test_updating_merges_and_null_deletes(shop):
    accounts = shop.stripe.v2.core.accounts
    ada = shop.coach()
    accounts.update(ada, {"metadata": {"coach": "1", "old": "x"}, "display_name": "Ada"})

    again = accounts.update(ada, {"metadata": {"old": None}, "include": ["defaults"]})

    assert (again.metadata.to_dict(), again.display_name) == ({"coach": "1"}, "Ada")
    assert again.defaults.responsibilities.losses_collector == "application"


def test_accounts_are_listed_in_pages(shop):
    made = [shop.coach(outcome=None) for _ in range(5)]

    page = shop.stripe.v2.core.accounts.list({"limit": 2, "applied_configurations": ["recipient"]})

    assert [account.id for account in page.data] == made[:2:-1]
    assert [account.id for account in page.auto_paging_iter()] == made[::-1]


def test_a_closed_account_takes_nothing_more(shop):
    ada = shop.coach()
    closed = shop.stripe.v2.core.accounts.close(ada, {"applied_configurations": ["recipient"]})
    assert closed.closed is True

    with pytest.raises(stripe.InvalidRequestError, match="closed"):
        shop.stripe.v2.core.accounts.update(ada, {"display_name": "Ada"})
    with pytest.raises(stripe.InvalidRequestError):
        shop.transfer(shop.charge(), ada, 100)


def test_an_unknown_account_is_not_found_the_v2_way(shop):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.stripe.v2.core.accounts.retrieve("acct_nobody")

    assert (refusal.value.http_status, refusal.value.code) == (404, "not_found")


def test_other_configurations_are_known_but_not_built(shop):
    with pytest.raises(stripe.APIError, match="merchant configuration") as refusal:
        shop.stripe.v2.core.accounts.create({"configuration": {"merchant": {"mcc": "8299"}}})

    assert refusal.value.http_status == 501


def test_v1_shows_the_same_account(shop):
    ada = shop.coach()
    before = shop.stripe.v1.accounts.retrieve(shop.coach(outcome=None))

    seen = shop.stripe.v1.accounts.retrieve(ada)

    assert (seen.capabilities.transfers, seen.payouts_enabled, seen.details_submitted) == (
        "active",
        True,
        True,
    )
    assert (before.capabilities.transfers, before.payouts_enabled) == ("inactive", False)
    assert [bank.last4 for bank in seen.external_accounts.data] == ["6789"]
    assert [a.id for a in shop.stripe.v1.accounts.list().data] == [before.id, ada]
    assert shop.stripe.v1.accounts.retrieve_current().id == shop.emulator.world.platform


def test_a_login_link_is_for_onboarded_express_accounts(shop):
    link = shop.stripe.v1.accounts.login_links.create(shop.coach())
    assert link.url.startswith("http://127.0.0.1:12111/express/")

    with pytest.raises(stripe.InvalidRequestError, match="onboarding"):
        shop.stripe.v1.accounts.login_links.create(shop.coach(outcome=None))
