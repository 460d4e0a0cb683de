"""Public addresses of disclosure on request."""

from __future__ import annotations

from django.urls import path, re_path

from gongkai.requests.pages import calculator, entry, mine, receipt, status, wizard

app_name = "requests-public"

urlpatterns = [
    path("", entry.index, name="index"),
    path("bodies/", entry.bodies, name="bodies"),
    path("fees/", entry.fees, name="fees"),
    path("form.docx", entry.paper, name="paper"),
    path("calculator/", calculator.calculator, name="calculator"),
    path("new/", wizard.unit, name="new"),
    path("new/clear/", wizard.clear, name="clear"),
    path("new/suggestions/", wizard.suggest, name="suggest"),
    re_path(r"^new/(?P<name>information|applicant|delivery|check)/$", wizard.step, name="step"),
    path("receipt/", receipt.receipt, name="receipt"),
    path("status/", status.query, name="query"),
    path("status/leave/", status.leave, name="leave"),
    path("status/<str:number>/", status.status, name="status"),
    path("status/<str:number>/message/", status.message, name="message"),
    path("status/<str:number>/telling/", status.telling, name="telling"),
    path("status/<str:number>/supplement/", status.supplement, name="supplement"),
    path("status/<str:number>/withdraw/", status.withdraw, name="withdraw"),
    path("status/<str:number>/derivation/", status.derivation, name="derivation"),
    path("status/<str:number>/derivation.pdf", status.derivation_pdf, name="derivation-pdf"),
    re_path(r"^status/(?P<number>[^/]+)/receipt\.(?P<form>docx|pdf)$", status.receipt_file, name="receipt-file"),
    re_path(r"^status/(?P<number>[^/]+)/letters/(?P<pk>\d{1,18})\.(?P<form>docx|pdf)$", status.letter, name="letter"),
    path("status/<str:number>/files/<int:pk>/", status.file, name="file"),
    path("mine/", mine.mine, name="mine"),
    path("mine/list/", mine.listing, name="list"),
    path("mine/<str:token>/", mine.link, name="link"),
]
