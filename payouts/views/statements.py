"""Statements of a payee's months and years, to read, to print and to keep."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core import clock
from core.errors import NotFoundError
from core.pdf.http import as_pdf
from payouts.domain.printing import printed_month, printed_year
from payouts.models import Payee, TaxProfile
from payouts.queries.statements import (
    Statement,
    YearStatement,
    month_statement,
    refuse_the_future,
    stated_months,
    year_statement,
)
from payouts.queries.told import PLACE_NAMES, month_of, told, told_places, told_sums
from payouts.views.readers import payee_for


@login_required
@require_GET
def statements(request: HttpRequest) -> HttpResponse:
    """Every month and year there is a statement of."""
    payee = payee_for(request)
    months = stated_months(payee, now=clock.now())
    years = sorted({month.year for month in months}, reverse=True)
    by_year = [(year, [(month_of(month), month) for month in months if month.year == year]) for year in years]
    return render(request, "payouts/statements.html", {"payee": payee, "years": by_year})


@login_required
@require_GET
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    payee, now = payee_for(request), clock.now()
    statement = _month(payee, year, month, now)
    context = {
        "payee": payee,
        "statement": statement,
        "title": month_of(statement.start),
        **_summed(statement, now),
        "earnings": _told(statement, statement.earnings),
        "payouts": _told(statement, statement.payouts),
        "transfers": _told(statement, statement.transfers),
        **_around(payee, statement.start, now),
    }
    return render(request, "payouts/statement.html", context)


@login_required
@require_GET
def month_pdf(request: HttpRequest, year: int, month: int) -> HttpResponse:
    payee, now = payee_for(request), clock.now()
    statement = _month(payee, year, month, now)
    return as_pdf(printed_month(statement, _profile(payee), now=now), f"statement-{year}-{month:02}")


@login_required
@require_GET
def year(request: HttpRequest, year: int) -> HttpResponse:
    payee, now = payee_for(request), clock.now()
    stated = _year(payee, year, now)
    context = {
        "payee": payee,
        "statement": stated.whole,
        "title": f"Summary of {year}",
        **_summed(stated.whole, now),
        "months": [_month_row(month) for month in stated.months if month.has_begun(now)],
    }
    return render(request, "payouts/year.html", context)


@login_required
@require_GET
def year_pdf(request: HttpRequest, year: int) -> HttpResponse:
    payee, now = payee_for(request), clock.now()
    stated = _year(payee, year, now)
    return as_pdf(printed_year(stated, _profile(payee), now=now), f"summary-{year}")


def _month(payee: Payee, year: int, month: int, now: datetime) -> Statement:
    _only_what_began(payee, year, month, now)
    return month_statement(payee, year, month)


def _year(payee: Payee, year: int, now: datetime) -> YearStatement:
    _only_what_began(payee, year, 1, now)
    return year_statement(payee, year)


def _only_what_began(payee: Payee, year: int, month: int, now: datetime) -> None:
    try:
        refuse_the_future(payee, year, month, now=now)
    except NotFoundError as error:
        raise Http404 from error


def _summed(statement: Statement, now: datetime) -> dict[str, Any]:
    return {
        "sums": told_sums(statement),
        "place_names": PLACE_NAMES,
        "places": told_places(statement),
        "is_final": statement.is_final(now),
    }


def _month_row(month: Statement) -> dict[str, Any]:
    sums, money = month.sums, month.money
    return {
        "start": month.start,
        "title": month_of(month.start),
        "earned": money(sums.earned),
        "fees": money(-sums.fees),
        "back": money(sums.refunded + sums.lost + sums.other),
        "paid_out": money(sums.paid_out),
        "closing": money(sums.closing),
    }


def _told(statement: Statement, lines: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "line": line,
            "told": told(line),
            "gross": statement.money(line.gross),
            "fee": statement.money(-line.fee),
            "net": statement.money(line.net),
            "size": statement.money(line.size),
        }
        for line in lines
    ]


def _around(payee: Payee, month: date, now: datetime) -> dict[str, tuple[str, date] | None]:
    """The months before and after that there is something to say of, each with its name."""
    months = stated_months(payee, now=now)
    earlier = max((other for other in months if other < month), default=None)
    later = min((other for other in months if other > month), default=None)
    return {
        "earlier": (month_of(earlier), earlier) if earlier else None,
        "later": (month_of(later), later) if later else None,
    }


def _profile(payee: Payee) -> TaxProfile | None:
    return getattr(payee, "tax_profile", None)
