from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import person_of
from core import clock
from notifications.domain.inbox import mark_read

PAGE_SIZE = 20


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    page = Paginator(person.notifications.newest_first(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notifications/inbox.html", {"page": page, "now": clock.now()})


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    mark_read(person_of(request), now=clock.now())
    return redirect("inbox")


@login_required
@require_POST
def open_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the line as read and go where it leads."""
    person = person_of(request)
    line = get_object_or_404(person.notifications, pk=pk)
    mark_read(person, now=clock.now(), pk=line.pk)
    return redirect(line.url or "inbox")
