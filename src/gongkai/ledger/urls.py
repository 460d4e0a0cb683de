"""Addresses of the ledger in the workbench."""

from __future__ import annotations

from django.urls import path

from gongkai.ledger.views import dashboard, dispatch, notices, review

app_name = "ledger"

urlpatterns = [
    path("", notices.notices, name="notices"),
    path("import/", notices.import_notice, name="import"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("notices/<int:pk>/reading/", notices.progress, name="progress"),
    path("notices/<int:pk>/recompile/", notices.recompile, name="recompile"),
    path("notices/<int:pk>/review/", review.review, name="review"),
    path("notices/<int:pk>/review/tasks/<int:task>/", review.review_task, name="review-task"),
    path("notices/<int:pk>/review/doubts/<int:doubt>/", dispatch.review_doubt, name="review-doubt"),
    path("notices/<int:pk>/review/add/", dispatch.add_task, name="add-task"),
    path("notices/<int:pk>/approve/", dispatch.approve, name="approve"),
    path("notices/<int:pk>/dispatch/", dispatch.dispatch, name="dispatch"),
]
for _name in ("notice", "cases", "urge"):
    urlpatterns.append(path(f"notices/<int:pk>/{_name}/", notices.notices, name=_name))
for _name in ("lookbacks", "plans", "hearings", "supervisions", "calendar"):
    urlpatterns.append(path(f"{_name}/", notices.notices, name=_name))
urlpatterns.append(path("notices/<int:pk>/export/<slug:what>/", notices.notices, name="export"))
