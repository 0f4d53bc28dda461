from pathlib import Path

import pytest
from django.conf import settings as project
from django.test.signals import template_rendered

from accounts.models import User
from pages.demonstration import SampleForm

COMPONENTS = Path(project.BASE_DIR) / "templates" / "cotton"


@pytest.fixture
def rendered(client, db):
    """The names of all components that the style guide draws for a signed-in person."""
    ben = User.objects.create_user("ben@demo.test", "demo-password", name="Ben Hart")
    client.force_login(ben)
    names = set()

    def note(sender, template, **_):
        names.add(template.name)

    template_rendered.connect(note)
    try:
        response = client.get("/styleguide/")
    finally:
        template_rendered.disconnect(note)
    assert response.status_code == 200
    return names


def test_every_component_is_on_the_style_guide(rendered):
    files = {f"cotton/{path.relative_to(COMPONENTS).as_posix()}" for path in COMPONENTS.rglob("*.html")}
    assert {name for name in rendered if name and name.startswith("cotton/")} == files


def test_every_component_begins_with_the_list_of_its_attributes():
    silent = [path.name for path in COMPONENTS.rglob("*.html") if not path.read_text().startswith("{#")]
    assert silent == []


def test_no_page_carries_inline_styles_or_scripts_that_the_browser_would_refuse(client, db):
    for address in ("/", "/policy/", "/styleguide/", "/accounts/login/"):
        page = client.get(address).content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert "onclick" not in page
        assert all("src=" in tag for tag in page.split("<script")[1:]), address


def test_a_slot_has_its_full_name_on_its_button(client, db):
    page = client.get("/styleguide/?timezone=Europe/London").content.decode()
    assert ', 18:30, Europe/London" data-short="' in page


def test_a_refused_field_names_its_complaint_to_screen_readers(client, db):
    page = client.get("/styleguide/").content.decode()
    assert 'aria-invalid="true"' in page
    assert 'id="id_email_error"' in page
    assert 'aria-describedby="id_email_error"' in page


def test_the_sample_form_refuses_what_it_shows_as_refused():
    form = SampleForm({"name": "Ben", "email": "ben@"})
    assert set(form.errors) == {"email", "level", "zone", "kind", "terms"}
