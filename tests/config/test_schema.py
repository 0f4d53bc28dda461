"""The API is documented as it answers."""

from __future__ import annotations

import pytest
from drf_spectacular.generators import SchemaGenerator

LISTS = ["/api/v1/bookings/", "/api/v1/coaches/", "/api/v1/me/offers/", "/api/v1/me/payouts/"]


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_documented_as_a_page(schema, path):
    answer = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    page = schema["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    assert set(page["properties"]) == {"count", "next", "previous", "results"}


def test_every_operation_may_be_refused(schema):
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert "default" in operation["responses"], operation["operationId"]
    assert schema["components"]["schemas"]["Refusal"]["required"] == ["error"]
