from datetime import timedelta

import pytest

from scheduling.domain.policies import current_policy, digest_of
from scheduling.models import CancellationPolicy
from tests.scheduling.stage import HOUR, NOW, TOMORROW, hold, open_around_the_clock

pytestmark = pytest.mark.django_db


def test_the_policy_in_force_is_what_the_settings_say():
    policy = current_policy(NOW)
    assert policy.tiers == [
        {"from_hours": 24, "refund_percent": 100},
        {"from_hours": 2, "refund_percent": 50},
        {"from_hours": 0, "refund_percent": 0},
    ]
    assert (policy.grace_minutes, policy.grace_from_hours, policy.created_at) == (60, 24, NOW)


def test_equal_settings_are_one_policy(settings):
    policy = current_policy(NOW)
    settings.CANCELLATION_TIERS = list(reversed(settings.CANCELLATION_TIERS))
    assert current_policy(NOW + HOUR) == policy
    assert CancellationPolicy.objects.get().created_at == NOW
    assert str(policy) == f"policy {policy.pk}"


def test_a_booking_keeps_the_policy_it_was_held_under(settings, ada, ben):
    open_around_the_clock(ada)
    booking = hold(ada, ben).booking
    settings.GRACE = timedelta(minutes=5)
    later = hold(ada, ben, TOMORROW + HOUR).booking
    booking.refresh_from_db()
    assert (booking.policy.grace_minutes, later.policy.grace_minutes) == (60, 5)


def test_the_digest_is_of_the_content_alone():
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})
