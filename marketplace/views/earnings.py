"""The coach desk: what is earned, line by line, where it is, and why."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.queries import person_of, viewer_zone
from core import clock
from core.errors import NotFoundError
from core.instants import instant_json, parse_day
from core.money import exponent
from marketplace.queries.earning import explained
from marketplace.queries.earnings import (
    EarningRow,
    EarningsFilter,
    EarningsSummary,
    earning_rows,
    earnings_summary,
    sold_by,
)
from marketplace.views.desk import coach_only, frame
from payouts.domain.payees import payee_of
from payouts.models import Payee
from payouts.queries.earnings import below_zero, payouts_of, refused_payout
from payouts.queries.told import month_of
from payouts.states import ShareState

PAGE_SIZE = 25
LATEST_PAYOUTS = 6
CSV_CHUNK = 500
CSV_COLUMNS = (
    "session", "starts_at", "candidate", "offer", "currency", "gross", "refunded", "lost", "goodwill", "fee",
    "net", "state", "release_at", "transfers", "payout",
)  # fmt: skip
STATE_NAMES = {
    ShareState.HELD: "Held",
    ShareState.FROZEN: "Frozen",
    ShareState.TRANSFERRED: "Available",
    ShareState.IN_TRANSIT: "On its way",
    ShareState.PAID: "Paid",
    ShareState.VOID: "Nothing kept",
}


@login_required
@require_GET
def earnings(request: HttpRequest) -> HttpResponse:
    """``?state=`` and ``?month=2026-11`` choose lines; nonsense chooses all."""
    coach, now = person_of(request), clock.now()
    payee, wanted = _coach_as_payee(coach, now), _wanted(request)
    summary = earnings_summary(payee, zone=wanted.zone, now=now)
    sold = sold_by(payee, wanted)
    pages = Paginator(sold, PAGE_SIZE)
    pages.count = summary.count(wanted)  # the summary has counted
    page = pages.get_page(request.GET.get("page"))
    first = page.start_index() - 1 if pages.count else 0
    payouts = payouts_of(coach)[:LATEST_PAYOUTS]
    context = {
        "summary": summary,
        "page": page,
        "rows": earning_rows(payee, sold[first : first + PAGE_SIZE]),
        "payouts": payouts,
        "refused": refused_payout(payee, payouts[0] if payouts else None),
        "below_zero": below_zero(payee),
        "arriving": max((payout.arrives_on for payout in payouts if payout.is_on_its_way), default=None),
        "payout_day": settings.PAYOUT_WEEKDAY.capitalize(),
        "payee": payee,
        **_choices(summary, wanted),
        **frame(request, "desk_earnings", now),
    }
    return render(request, "marketplace/desk_earnings.html", context)


@coach_only
@require_GET
def earning(request: HttpRequest, share: int) -> HttpResponse:
    """One line, explained."""
    now = clock.now()
    try:
        found = explained(payee_of(person_of(request), now=now), share)
    except NotFoundError as error:
        raise Http404 from error
    context = {"explained": found, "row": found.row, **frame(request, "desk_earnings", now)}
    return render(request, "marketplace/desk_earning.html", context)


@coach_only
@require_GET
def earnings_csv(request: HttpRequest) -> HttpResponseBase:
    """Every line of what is chosen, newest first, as it comes from the database."""
    payee = payee_of(person_of(request), now=clock.now())
    answer = StreamingHttpResponse(
        _csv_lines(payee, _wanted(request)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="earnings.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _coach_as_payee(coach: User, now: datetime) -> Payee:
    """The payee that a coach is, made at the first asking. To others there is no desk."""
    if not hasattr(coach, "coach"):
        raise Http404
    payees = Payee.objects.with_overdraft()
    return payees.filter(user=coach).first() or payees.get(pk=payee_of(coach, now=now).pk)


def _wanted(request: HttpRequest) -> EarningsFilter:
    state, month = request.GET.get("state", ""), request.GET.get("month", "")
    return EarningsFilter(
        zone=viewer_zone(request),
        state=ShareState(state) if state in ShareState.values else None,
        month=_month(month),
    )


def _month(text: str) -> date | None:
    try:
        return parse_day(f"{text}-01")
    except ValueError:
        return None


def _choices(summary: EarningsSummary, wanted: EarningsFilter) -> dict[str, Any]:
    """What may be chosen, each with how many lines it would show."""
    states = summary.states(wanted)
    months = [(f"{month:%Y-%m}", month_of(month), count) for month, count in summary.months(wanted).items()]
    return {
        "states": [
            (state, STATE_NAMES[state], count, state == wanted.state) for state, count in states.items()
        ],
        "no_state": wanted.state is None,
        "all_states": sum(states.values()),
        "months": months,
        "wanted": wanted,
        "wanted_month": f"{wanted.month:%Y-%m}" if wanted.month else "",
    }


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(payee: Payee, wanted: EarningsFilter) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(CSV_COLUMNS)
    # Named first: a line that is sold meanwhile moves none of the others.
    keys = list(sold_by(payee, wanted).values_list("pk", flat=True))
    for start in range(0, len(keys), CSV_CHUNK):
        for row in earning_rows(payee, sold_by(payee).filter(pk__in=keys[start : start + CSV_CHUNK])):
            yield writer.writerow(_csv_row(row))


def _csv_row(row: EarningRow) -> list[str]:
    booking, line, share = row.session.booking, row.line, row.share
    return [
        str(row.session.pk),
        instant_json(booking.starts_at),
        _harmless(booking.candidate.display_name),
        _harmless(row.session.offer.name),
        line.currency,
        *(
            _exact(amount, line.currency)
            for amount in (line.gross, line.refunded, line.lost, line.goodwill, line.fee, line.net)
        ),
        share.state,
        instant_json(share.release_at) if share.release_at else "",
        " ".join(share.transfers),
        share.payout or "",
    ]


def _exact(minor: int, currency: str) -> str:
    """``120.00``: all decimals of the currency, a point, nothing else."""
    return str(Decimal(minor).scaleb(-exponent(currency)))


def _harmless(text: str) -> str:
    """What a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection)."""
    return f"'{text}" if text.lstrip()[:1] in tuple("=+-@") or text[:1] in tuple("\t\r\n") else text
