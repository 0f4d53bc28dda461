import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["/", "/policy/", "/privacy/", "/accessibility/", "/styleguide/", "/accounts/login/", "/accounts/signup/",
     "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/confirm-email/",
     "/accounts/inactive/", "/accounts/password/reset/key/done/"],
)  # fmt: skip
def test_public_pages_answer_within_the_frame(client, address):
    response = client.get(address)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert page.count('<main id="content"') == 1
    assert '<a class="skip" href="#content">' in page


def test_a_page_that_is_not_there_is_a_designed_404(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_forged_form_is_told_to_send_again():
    response = Client(enforce_csrf_checks=True).post("/notices/students/away/")
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()


def test_a_crash_is_shown_without_anything_else_working(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("pages.views.public.rules.terms", lambda _: 1 / 0)
    response = client.get("/policy/")
    assert response.status_code == 500
    assert "Nothing is charged or booked twice" in response.content.decode()


def test_a_notice_is_put_away_for_this_browser_and_one_is_back_where_one_was(client):
    response = client.post("/notices/students/away/", headers={"referer": "http://testserver/policy/"})
    assert (response.status_code, response.url) == (302, "http://testserver/policy/")
    assert client.cookies["ribbon-students"].value == "away"


def test_putting_a_notice_away_never_leads_off_the_site(client):
    response = client.post("/notices/students/away/", headers={"referer": "https://evil.example/"})
    assert response.url == "/"


def test_a_notice_is_not_put_away_by_a_link(client):
    assert client.get("/notices/students/away/").status_code == 405


@pytest.mark.parametrize("zone", ["Europe/London", "Nowhere/Land", "../../etc/passwd", ""])
def test_home_takes_any_zone_without_breaking(client, zone):
    assert client.get("/", {"timezone": zone}).status_code == 200


def test_the_zone_of_the_browser_is_used_from_its_cookie(client):
    client.cookies["zone"] = "Asia/Kolkata"
    page = client.get("/").content.decode()
    assert 'data-zone="Asia/Kolkata" data-zone-known="yes"' in page
    assert "UTC+5:30" in page


def test_the_door_that_closed_after_wrong_passwords_says_to_wait(client, settings):
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 1
    guess = {"login": "ben@demo.test", "password": "wrong-password"}
    answers = [client.post("/accounts/login/", guess) for _ in range(2)]
    assert answers[-1].status_code == 429
    assert "A little slower, please" in answers[-1].content.decode()
