"""What nobody's view answered still has the form of its place."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation

from config import refusals

API, PAGE = "/api/v1/bookings/", "/sessions/"


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/bookings/no-id/", "/api/v1/coaches/a%00b/"])
def test_no_such_address_in_the_api_is_json(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.django_db
def test_no_such_page_is_a_page(client):
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("handler", "error", "status", "code"),
    [
        (refusals.bad_request, [SuspiciousOperation()], 400, "invalid"),
        (refusals.forbidden, [PermissionDenied()], 403, "forbidden"),
        (refusals.server_error, [], 500, "server_error"),
    ],
)
def test_each_refusal_has_two_forms(rf, handler, error, status, code):
    answer, page = handler(rf.get(API), *error), handler(rf.get(PAGE), *error)
    assert (answer.status_code, page.status_code) == (status, status)
    assert answer["Content-Type"] == "application/json"
    assert f'"code": "{code}"' in answer.content.decode()
    assert page["Content-Type"].startswith("text/html")
