import pytest
from django.db import IntegrityError, transaction

from accounts.domain.people import create_verified_user, note_detected_zone
from accounts.forms import ProfileForm
from accounts.models import User

pytestmark = pytest.mark.django_db


def test_an_address_is_one_person_whatever_its_case():
    ben = create_verified_user("Ben@Demo.test", password="demo-password")
    assert ben.email == "ben@demo.test"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="BEN@demo.test")])
    assert User.objects.get_by_natural_key(" BEN@demo.test ") == ben


def test_a_detected_zone_is_kept_unless_one_was_chosen():
    ben = create_verified_user("ben@demo.test")
    assert ben.zone.key == "UTC"
    note_detected_zone(ben, "Mars/Olympus")
    note_detected_zone(ben, "Asia/Kolkata")
    note_detected_zone(ben, "Europe/Paris")
    ben.refresh_from_db()
    assert ben.zone.key == "Asia/Kolkata"


def test_a_person_without_a_name_is_called_by_his_address():
    assert create_verified_user("ben@demo.test").display_name == "ben"
    assert create_verified_user("cleo@demo.test", name="Cleo Sato").get_short_name() == "Cleo"


def test_a_name_is_one_line():
    ben = create_verified_user("ben@demo.test")
    form = ProfileForm({"name": "Ben \r\nBcc: cleo@demo.test", "timezone": "Europe/London"}, instance=ben)
    assert form.is_valid()
    assert form.save().name == "Ben Bcc: cleo@demo.test"
