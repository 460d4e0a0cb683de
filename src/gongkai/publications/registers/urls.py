"""Addresses of registers in the workbench."""

from __future__ import annotations

from django.urls import path

from gongkai.publications.registers.views import (
    bodies,
    campaigns,
    catalogs,
    normative,
    settings_pages,
    stages,
    wordings,
)

app_name = "registers"

urlpatterns = [
    path("bodies/", bodies.index, name="bodies"),
    path("catalogs/", catalogs.index, name="catalogs"),
    path("catalogs/<slug:code>/", catalogs.catalog, name="catalog"),
    path("catalogs/<slug:code>/install/", catalogs.install, name="catalog-install"),
    path("catalogs/<slug:code>/export/", catalogs.export, name="catalog-export"),
    path("catalogs/<slug:code>/import/", catalogs.take_in, name="catalog-import"),
    path("catalogs/<slug:code>/new/", catalogs.edit, name="column-new"),
    path("columns/<int:pk>/", catalogs.edit_column, name="column"),
    path("columns/<int:pk>/move/", catalogs.move, name="column-move"),
    path("columns/<int:pk>/close/", catalogs.close, name="column-close"),
    path("columns/<int:pk>/merge/", catalogs.merge, name="column-merge"),
    path("stages/", stages.index, name="stages"),
    path("freshness/", catalogs.freshness, name="freshness"),
    path("normative/", normative.index, name="normative"),
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/<int:pk>/export/", campaigns.export, name="campaign-export"),
    path("attribute/<int:pk>/", campaigns.attribute_items, name="attribute-items"),
    path("cleanup/<int:pk>/", campaigns.cleanup_items, name="cleanup-items"),
    path("cleanup/compare/<int:pk>/", campaigns.compare, name="cleanup-compare"),
    path("settings/chains/", settings_pages.chains, name="chains"),
    path("settings/chains/new/", settings_pages.chain, name="chain-new"),
    path("settings/chains/<int:pk>/", settings_pages.chain, name="chain"),
    path("settings/chains/<int:pk>/delete/", settings_pages.chain_delete, name="chain-delete"),
    path("settings/wordings/", wordings.index, name="wordings"),
    path("settings/wordings/new/", wordings.edit, name="wording-new"),
    path("settings/wordings/<int:pk>/", wordings.edit, name="wording"),
    path("settings/wordings/export/", wordings.export, name="wordings-export"),
    path("settings/wordings/import/", wordings.take_in, name="wordings-import"),
    path("settings/profiles/", settings_pages.profiles, name="profiles"),
    path("settings/profiles/<int:pk>/", settings_pages.profile, name="profile"),
]
