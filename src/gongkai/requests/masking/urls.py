"""Addresses of masking in the workbench."""

from __future__ import annotations

app_name = "requests-masking"

urlpatterns: list = []
