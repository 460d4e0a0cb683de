"""Addresses of the ledger in the workbench."""

from __future__ import annotations

from django.urls import path

from gongkai.ledger.views import calendar_feed, compare, dashboard, dispatch, ledger_page, notices, records, review

app_name = "ledger"

urlpatterns = [
    path("", notices.notices, name="notices"),
    path("", notices.notices, name="index"),
    path("import/", notices.import_notice, name="import"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("calendar/", calendar_feed.calendar, name="calendar"),
    path("calendar/subscribe/", calendar_feed.subscribe, name="calendar-subscribe"),
    path("calendar/<int:user>/<slug:token>.ics", calendar_feed.feed, name="calendar-feed"),
    # one notice
    path("notices/<int:pk>/", ledger_page.notice, name="notice"),
    path("notices/<int:pk>/reading/", notices.progress, name="progress"),
    path("notices/<int:pk>/recompile/", notices.recompile, name="recompile"),
    path("notices/<int:pk>/review/", review.review, name="review"),
    path("notices/<int:pk>/review/tasks/<int:task>/", review.review_task, name="review-task"),
    path("notices/<int:pk>/review/doubts/<int:doubt>/", dispatch.review_doubt, name="review-doubt"),
    path("notices/<int:pk>/review/add/", dispatch.add_task, name="add-task"),
    path("notices/<int:pk>/approve/", dispatch.approve, name="approve"),
    path("notices/<int:pk>/dispatch/", dispatch.dispatch, name="dispatch"),
    path("notices/<int:pk>/cases/", ledger_page.cases, name="cases"),
    path("notices/<int:pk>/urge/", ledger_page.urge, name="urge"),
    path("notices/<int:pk>/targets/", dashboard.targets, name="targets"),
    path("notices/<int:pk>/release/", ledger_page.release, name="release"),
    path("notices/<int:pk>/compare/", compare.compare, name="compare"),
    path("notices/<int:pk>/compare/decide/", compare.decide, name="compare-decide"),
    path("notices/<int:pk>/export/<slug:what>/", ledger_page.export, name="export"),
    # plans, hearings, supervisions, look-backs
    path("plans/", records.plans, name="plans"),
    path("plans/<int:pk>/items/", records.plan_items, name="plan-items"),
    path("plans/<int:pk>/document/", records.plan_document, name="plan-document"),
    path("hearings/", records.hearings, name="hearings"),
    path("supervisions/", records.supervisions, name="supervisions"),
    path("look-backs/", records.lookbacks, name="lookbacks"),
    path("look-backs/<int:pk>/find/", records.find, name="lookback-find"),
    path("look-backs/<int:pk>/unfinished/", records.unfinished, name="lookback-unfinished"),
]
