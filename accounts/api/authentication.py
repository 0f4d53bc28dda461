from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.domain.tokens import user_of_token
from accounts.models import User
from core import clock

WORDS = 2  # "Token" and the token


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Token …``. Listed first, so that a missing sign-in answers 401, not 403."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"token":
            return None
        if len(words) != WORDS:
            raise AuthenticationFailed("Write: Authorization: Token followed by the token.")
        user = user_of_token(words[1].decode("latin-1"), now=clock.now())
        if user is None:
            raise AuthenticationFailed("This token is not valid.")
        return user, None

    def authenticate_header(self, _request: Request) -> str:
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token …"}
