"""The desk of operations: rows are looked at, never edited; dead letters get another life, on the record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.models import User
from core.models import AuditLine, OutboxMessage
from integrations.stripe.models import StripeEvent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def olu():
    return User.objects.create_superuser("olu@demo.test", "demo-password")


@pytest.fixture
def desk(client, olu):
    client.force_login(olu)
    return client


@pytest.fixture
def dead_letter():
    return OutboxMessage.objects.create(
        event="MailDue",
        subscriber="nobody",
        payload={},
        created_at=NOW,
        due_at=NOW,
        attempts=16,
        dead_at=NOW,
        error="ConnectionRefusedError",
    )


@pytest.mark.parametrize(
    "name",
    [
        "core_outboxmessage",
        "core_auditline",
        "stripe_integration_stripeevent",
        "stripe_integration_stripeoperation",
        "accounts_user",
    ],
)
def test_each_list_opens_for_staff_only(desk, client, name):
    assert desk.get(reverse(f"admin:{name}_changelist")).status_code == 200
    client.logout()
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 302


def test_nothing_is_edited_here(desk, dead_letter):
    page = reverse("admin:core_outboxmessage_change", args=[dead_letter.pk])
    assert desk.get(page).status_code == 200
    assert desk.post(page, {"event": "Other"}).status_code == 403
    assert desk.post(reverse("admin:core_outboxmessage_add")).status_code == 403


def test_a_password_is_never_shown(desk, olu):
    page = desk.get(reverse("admin:accounts_user_change", args=[olu.pk])).content.decode()
    assert olu.password not in page


def test_a_dead_letter_gets_another_life_on_the_record(desk, olu, dead_letter):
    listed = desk.get(reverse("admin:core_outboxmessage_changelist"), {"state": "dead"})
    assert "MailDue" in listed.content.decode()
    desk.post(
        reverse("admin:core_outboxmessage_changelist"),
        {"action": "replay", "_selected_action": [dead_letter.pk]},
    )
    dead_letter.refresh_from_db()
    assert (dead_letter.dead_at, dead_letter.attempts) == (None, 0)
    line = AuditLine.objects.get(action="outbox.replayed")
    assert (line.by, line.subject) == (olu, f"core.outboxmessage:{dead_letter.pk}")


def test_a_dead_event_of_stripes_is_followed_again(desk):
    event = StripeEvent.objects.create(
        id="evt_1",
        type="v1.refund.failed",
        object_type="refund",
        object_id="re_1",
        created=NOW,
        payload={},
        received_at=NOW,
        due_at=NOW,
        dead_at=NOW,
        error="gone",
    )
    desk.post(
        reverse("admin:stripe_integration_stripeevent_changelist"),
        {"action": "replay", "_selected_action": [event.pk]},
    )
    event.refresh_from_db()
    assert (event.dead_at, event.error) == (None, "")
    assert AuditLine.objects.filter(action="stripe.replayed").exists()
