"""Who is let in to the desk of operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import NotFoundError
from operations.queries.operator import SecondFactorError, operator_of

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


def for_operations(view: View[Rest]) -> View[Rest]:
    """Only for staff with a second factor; who has none is told how to get one, all others find nothing."""

    @wraps(view)
    def let_in(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        try:
            operator_of(request)
        except NotFoundError as error:
            raise Http404 from error
        except SecondFactorError:
            return render(request, "operations/second_factor.html", status=SecondFactorError.status)
        return view(request, *args, **kwargs)

    return cast("View[Rest]", login_required(let_in))
