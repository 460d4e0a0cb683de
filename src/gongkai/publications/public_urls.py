"""Addresses of the public pages of information."""

from django.urls import path

from gongkai.publications import feeds, pages, public_lists
from gongkai.publications.media import views as media
from gongkai.publications.readers import home, stages
from gongkai.publications.readers import views as readers

app_name = "information"

urlpatterns = [
    path("", public_lists.everything, name="list"),
    path("feed.atom", feeds.everything, name="feed"),
    path("sitemap.xml", home.sitemap_index, name="sitemap"),
    path("sitemap-<int:block>.xml", home.sitemap_block, name="sitemap-block"),
    path("policies/", public_lists.policies, name="policies"),
    path("policies/feed.atom", feeds.policies, name="policies-feed"),
    path("normative/", public_lists.normative, name="normative"),
    path("disclosure/", public_lists.disclosure, name="disclosure"),
    path("disclosure/<slug:code>/", public_lists.disclosure, name="disclosure-unit"),
    path("media/", media.public_accounts, name="media"),
    path("stages/", stages.index, name="stages"),
    path("stages/<slug:code>/", stages.stage, name="stage"),
    path("units/", public_lists.units, name="units"),
    path("units/<slug:code>/", public_lists.unit, name="unit"),
    path("units/<slug:code>/feed.atom", feeds.unit, name="unit-feed"),
    path("columns/<slug:code>/", public_lists.column, name="column"),
    path("columns/<slug:code>/feed.atom", feeds.column, name="column-feed"),
    path("topics/", readers.topics, name="topics"),
    path("topics/<slug:slug>/", readers.topic, name="topic"),
    path("subscribe/", readers.subscribe, name="subscribe"),
    path("subscribe/confirm/<str:token>/", readers.confirm, name="subscribe-confirm"),
    path("subscribe/end/<str:token>/", readers.end, name="subscribe-end"),
    path("files/<int:pk>/<str:name>", pages.file, name="file"),
    path("<int:pk>/", pages.document, name="document"),
    path("<int:pk>/qr.svg", pages.qr, name="qr"),
    path("<int:pk>/print/", pages.printed, name="print"),
    path("<int:pk>/download/<slug:form>/", pages.download, name="download"),
    path("<int:pk>/versions/<int:number>/", pages.version, name="version"),
    path("<int:pk>/versions/<int:number>/compare/", pages.compare, name="compare"),
    path("<int:pk>/versions/<int:number>/download/<slug:form>/", pages.version_download, name="version-download"),
]
