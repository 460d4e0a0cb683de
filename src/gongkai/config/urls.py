"""Addresses: the portal at the root, the workbench under /workbench/; rooms bring their own."""

from __future__ import annotations

from django.urls import include, path

from gongkai.core.preferences import preferences

urlpatterns = [
    path("workbench/ledger/", include("gongkai.ledger.urls")),
    path("api/", include("gongkai.api.urls")),
    path("workbench/filing/", include("gongkai.publications.filing.urls")),
    path("workbench/importing/", include("gongkai.publications.importing.urls")),
    path("workbench/registers/", include("gongkai.publications.registers.urls")),
    path("workbench/information/", include("gongkai.publications.urls")),
    path("workbench/areas/", include("gongkai.publications.areas.urls")),
    path("workbench/requests/figures/", include("gongkai.requests.figures.urls")),
    path("workbench/requests/appeals/", include("gongkai.requests.appeals.urls")),
    path("workbench/requests/precedents/", include("gongkai.requests.appeals.precedent_urls")),
    path("workbench/requests/counsel/", include("gongkai.requests.counsel.urls")),
    path("workbench/requests/conversion/", include("gongkai.requests.conversion.urls")),
    path("workbench/requests/materials/", include("gongkai.requests.masking.urls")),
    path("workbench/requests/", include("gongkai.requests.urls")),
    path("workbench/zones/", include("gongkai.channels.zones.urls")),
    path("workbench/topics/", include("gongkai.publications.readers.staff")),
    path("workbench/personal/", include("gongkai.core.privacy.urls")),
    path("workbench/search-settings/", include("gongkai.workbench.search_urls")),
    path("workbench/", include("gongkai.workbench.urls")),
    path("preferences/", preferences, name="preferences"),
    path("bodies/", include("gongkai.publications.registers.public_urls")),
    path("information/", include("gongkai.publications.public_urls")),
    path("areas/", include("gongkai.publications.areas.public_urls")),
    path("requests/figures/", include("gongkai.requests.figures.public_urls")),
    path("precedents/", include("gongkai.requests.appeals.public_urls")),
    path("requests/", include("gongkai.requests.public_urls")),
    path("zones/", include("gongkai.channels.zones.public_urls")),
    path("search/", include("gongkai.portal.search_urls")),
    path("ledger/", include("gongkai.ledger.public_urls")),
    path("", include("gongkai.core.transparency.urls")),
    path("", include("gongkai.portal.urls")),
]

handler400 = "gongkai.core.errors.bad_request"
handler403 = "gongkai.core.errors.permission_denied"
handler404 = "gongkai.core.errors.not_found"
handler500 = "gongkai.core.errors.server_error"
