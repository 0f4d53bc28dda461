"""Whose money a page or a document is about, and who may read it: its owner, and operations."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from accounts.queries import person_of, used_second_factor
from payouts.models import Payee


def payee_for(request: HttpRequest) -> Payee:
    """The signed-in payee; for operations the one named by ``?payee=``.

    Raises:
        Http404: no payee, or somebody else's.
    """
    asked = request.GET.get("payee", "")
    payees = Payee.objects.select_related("user", "tax_profile")
    if asked.isascii() and asked.isdigit() and is_operator(request):
        found = payees.filter(pk=int(asked)).first()
    else:
        found = payees.filter(user=person_of(request)).first()
    if found is None:
        raise Http404
    return found


def is_operator(request: HttpRequest) -> bool:
    """Staff who used a second factor."""
    return person_of(request).is_staff and used_second_factor(request)
