"""The administration: rows are looked at, never edited, nor is anything done to them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.models import User
from core.models import AuditLine, OutboxMessage

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


def test_dead_letters_are_found_and_not_replayed_without_a_reason(desk, dead_letter):
    listed = desk.get(reverse("admin:core_outboxmessage_changelist"), {"state": "dead"})
    assert "MailDue" in listed.content.decode()
    chosen = {"action": "replay", "_selected_action": [dead_letter.pk]}
    desk.post(reverse("admin:core_outboxmessage_changelist"), chosen)
    dead_letter.refresh_from_db()
    assert (dead_letter.dead_at, AuditLine.objects.count()) == (NOW, 0)
