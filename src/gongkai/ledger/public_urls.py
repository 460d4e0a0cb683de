"""Public addresses of the ledgers."""

from django.urls import path

from gongkai.ledger import pages

app_name = "ledger-public"

urlpatterns = [
    path("", pages.index, name="index"),
    path("<slug:slug>/", pages.notice, name="notice"),
    path("<slug:slug>/ledger.<str:form>", pages.download, name="download"),
    path("<slug:slug>/text/", pages.text, name="text"),
    path("<slug:slug>/<int:ordinal>/", pages.duty, name="duty"),
    path("<slug:slug>/<int:ordinal>/files/<int:pk>/", pages.file, name="file"),
]
