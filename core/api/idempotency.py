"""``Idempotency-Key``: the same key and body answer the same, another body is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from time import monotonic, sleep
from typing import Any, cast

from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.errors import DomainError, InvalidError
from core.models import IdempotencyRecord

LEASE = timedelta(seconds=60)
# How long the repeat of a request that still runs waits for its answer, in seconds of the wall clock.
LONGEST_WAIT = 2.0
PAUSE = 0.05
LONGEST_KEY = 255
FIRST_SERVER_ERROR = 500

View = Callable[..., Response]


class IdempotencyMismatchError(DomainError):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used for another request. Make a new one."


class IdempotencyRunningError(DomainError):
    code = "idempotency_running"
    message = "The first request with this Idempotency-Key is still running. Ask again in a moment."


def idempotent(view: View) -> View:
    """Wrap the ``post`` of an API view. A server error is not kept: its repeat runs again."""

    @wraps(view)
    def post(self: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return view(self, request, *args, **kwargs)
        if len(key) > LONGEST_KEY or "\x00" in key:
            raise InvalidError(fields={"Idempotency-Key": [f"At most {LONGEST_KEY} characters."]})
        record = _claim(request, key)
        if record.status is not None:
            return Response(record.body, status=record.status)
        return _run(self, view, record, request, *args, **kwargs)

    return post


def _run(
    self: APIView, view: View, record: IdempotencyRecord, request: Request, *args: Any, **kwargs: Any
) -> Response:
    try:
        response = view(self, request, *args, **kwargs)
    except DomainError as error:
        response = Response(error.as_json(), status=error.status)
    except BaseException:
        IdempotencyRecord.objects.filter(pk=record.pk).delete()
        raise
    if response.status_code >= FIRST_SERVER_ERROR:
        IdempotencyRecord.objects.filter(pk=record.pk).delete()
    else:
        IdempotencyRecord.objects.filter(pk=record.pk).update(status=response.status_code, body=response.data)
    return response


def _claim(request: Request, key: str) -> IdempotencyRecord:
    """The record to run for, or the one that has the answer. Two at once: the second waits for the first."""
    fingerprint = sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    user_id = cast("int", request.user.pk)  # permissions let nobody anonymous in here
    give_up = monotonic() + LONGEST_WAIT
    while True:
        claimed = _insert_or_take_over(user_id, key, fingerprint, clock.now())
        record = IdempotencyRecord.objects.filter(user_id=user_id, key=key).first()
        if record is not None and record.fingerprint != fingerprint:
            raise IdempotencyMismatchError
        if record is not None and (claimed or record.status is not None):
            return record
        if monotonic() >= give_up:
            raise IdempotencyRunningError
        sleep(PAUSE)


def _insert_or_take_over(user_id: int, key: str, fingerprint: str, now: datetime) -> bool:
    """Insert the record, or take over one whose first run died (its lease ran out): one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_idempotencyrecord AS r (user_id, key, fingerprint, claimed_until, created_at)
            VALUES (%(user)s, %(key)s, %(fingerprint)s, %(until)s, %(now)s)
            ON CONFLICT (user_id, key) DO UPDATE SET claimed_until = EXCLUDED.claimed_until
            WHERE r.status IS NULL AND r.claimed_until < %(now)s AND r.fingerprint = EXCLUDED.fingerprint
            RETURNING id
            """,
            {"user": user_id, "key": key, "fingerprint": fingerprint, "until": now + LEASE, "now": now},
        )
        return cursor.fetchone() is not None
