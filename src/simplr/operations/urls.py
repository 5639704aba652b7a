"""Home, the ledger and the installation's own pages."""

from __future__ import annotations

from django.urls import path

from simplr.operations import (
    consent,
    devices,
    frame_state,
    home,
    installation,
    installation_leaver,
    installation_people,
    ledger_views,
    notices,
    programs,
    scans,
)

app_name = "operations"
urlpatterns = [
    path("", home.home, name="home"),
    path("bell", frame_state.bell, name="bell"),
    path("notices", notices.notices, name="notices"),
    path("notices/read", notices.notices_read, name="notices-read"),
    path("notices/digest", notices.digest, name="digest"),
    path("notices/<uuid:notice>", notices.notice, name="notice"),
    path("ledger", ledger_views.ledger_page, name="ledger"),
    path("ledger/export", ledger_views.ledger_export, name="ledger-export"),
    path("ledger/verify", ledger_views.ledger_verify, name="ledger-verify"),
    path("nodes/<uuid:node>/ledger", ledger_views.ledger_of_node, name="ledger-of-node"),
    *installation.urlpatterns,
    *installation_people.urlpatterns,
    *installation_leaver.urlpatterns,
    *scans.urlpatterns,
    *programs.urlpatterns,
    *consent.urlpatterns,
    *devices.urlpatterns,
]
