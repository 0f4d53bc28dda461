from django.urls import path

from accounts.views import profile

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/tokens/", profile.make_token, name="make_token"),
    path("profile/tokens/<int:pk>/revoke/", profile.revoke_token, name="revoke_token"),
    path("zone/", profile.set_zone, name="set_zone"),
]
