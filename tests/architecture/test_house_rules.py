"""The rules hold in the whole house, and each can fail."""

from __future__ import annotations

import pytest

from tests.architecture import rules
from tests.architecture.rules import RULES, broken, module

GOOD_AND_BAD = [
    (
        rules.other_apps_are_entered_by_their_doors,
        ("marketplace/views/book.py", "from scheduling.domain import booking\nimport core.money\n"),
        [
            ("marketplace/views/book.py", "from scheduling.views import slots"),
            ("marketplace/views/book.py", "from scheduling import tasks"),
            ("marketplace/views/book.py", "import payments.api.orders"),
        ],
    ),
    (
        rules.no_clock_in_the_domain,
        ("scheduling/domain/hold.py", "def hold(now):\n    return now.time(), timezone.utc\n"),
        [
            ("scheduling/domain/hold.py", "at = datetime.now(UTC)"),
            ("scheduling/domain/hold.py", "at = datetime.datetime.now()"),
            ("scheduling/domain/hold.py", "at = timezone.now()"),
            ("scheduling/domain/hold.py", "on = date.today()"),
            ("scheduling/domain/hold.py", "from core import clock"),
            ("scheduling/domain/hold.py", "from django.utils.timezone import now"),
        ],
    ),
    (
        rules.only_move_to_assigns_a_state,
        (
            "core/states.py",
            "class Row:\n    state: str\n    def move_to(self, state):\n        self.state = state\n",
        ),
        [
            ("scheduling/domain/hold.py", "def hold(booking):\n    booking.state = 'held'"),
            ("scheduling/domain/hold.py", "booking.note, booking.state = '', 'held'"),
            (
                "scheduling/models/booking.py",
                "class B:\n    def cancel(self):\n        self.state: str = 'cancelled'",
            ),
        ],
    ),
    (
        rules.no_vague_class_names,
        (
            "accounts/models/user.py",
            "class UserManager(BaseUserManager):\n    pass\nclass Managers:\n    pass\n",
        ),
        [
            ("payments/domain/x.py", "class RefundService:\n    pass"),
            ("payments/domain/x.py", "class RefundManager:\n    pass"),
            ("payments/domain/x.py", "class RefundHelper:\n    pass"),
        ],
    ),
    (
        rules.no_row_signals,
        ("accounts/subscribers.py", "from allauth.account.signals import user_signed_up\n"),
        [
            ("accounts/apps.py", "from django.db.models.signals import post_save"),
            ("accounts/apps.py", "from django.db.models.signals import pre_delete, m2m_changed"),
        ],
    ),
    (
        rules.money_is_whole,
        ("payments/domain/fees.py", "fee = amount * 20 // 100\n"),
        [
            ("payments/domain/fees.py", "fee = amount * 0.2"),
            ("payments/domain/fees.py", "fee = amount / 5"),
            ("payments/domain/fees.py", "fee = float(amount)"),
            ("core/money.py", "amount /= 2"),
            ("marketplace/views/price.py", "shown = round(price)"),
        ],
    ),
    (
        rules.modules_are_short,
        ("pages/views/home.py", "a = 1\n" * 400),
        [("pages/views/home.py", "a = 1\n" * 401)],
    ),
]


@pytest.fixture(scope="module")
def house():
    return rules.site_modules()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule, house):
    assert broken(rule, house) == []


@pytest.mark.parametrize(
    ("rule", "good", "bad"), GOOD_AND_BAD, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_rule_tells_good_from_bad(rule, good, bad):
    assert broken(rule, [module(*good)]) == []
    assert [len(broken(rule, [module(*snippet)])) > 0 for snippet in bad] == [True] * len(bad)


def test_every_rule_was_shown_to_fail():
    assert {rule for rule, _, _ in GOOD_AND_BAD} == set(RULES)
