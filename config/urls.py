"""The map of the site: each app brings its own ``urls.py`` and ``api/urls.py``."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.discovery import modules
from config.health import healthz

# The one door in: it is counted, and asks for the second factor of who has one.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "config.refusals.bad_request"
handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.server_error"

HOOKS = "integrations.stripe.urls"
PREFIXES = {"accounts.urls": "accounts/"}

urlpatterns = [
    # Knocked at most often, so found first.
    path("stripe/", include(HOOKS)),
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    *(path("api/v1/", include(urls)) for urls in modules("api.urls")),
    *(path(PREFIXES.get(urls, ""), include(urls)) for urls in modules("urls") if urls != HOOKS),
    path("accounts/", include("allauth.urls")),
]
