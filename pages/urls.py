from __future__ import annotations

from django.urls import path

from pages.views import public, styleguide

urlpatterns = [
    path("", public.home, name="home"),
    path("policy/", public.policy, name="policy"),
    path("privacy/", public.privacy, name="privacy"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path("notices/<slug:name>/away/", public.dismiss, name="dismiss"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
