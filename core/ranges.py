"""PostgreSQL ranges for constraints that need no extension."""

from __future__ import annotations

from django.contrib.postgres.fields import BigIntegerRangeField
from django.db.models import Func


class OneId(Func):
    """A scalar as a range of one value, so that GiST needs no btree_gist: ``OneId(F("c"), F("c"))``."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, '[]')"
    output_field = BigIntegerRangeField()
