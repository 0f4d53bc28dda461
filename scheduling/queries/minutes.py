"""Instants of the database as whole minutes after 1970, the unit of ``scheduling.rules``."""

from __future__ import annotations

from django.db.models import BigIntegerField, Func


class MinuteOf(Func):
    """The minute that an instant lies in."""

    template = "floor(date_part('epoch', %(expressions)s) / 60)::bigint"
    output_field = BigIntegerField()


class Lower(Func):
    function = "lower"


class Upper(Func):
    function = "upper"
