"""Public addresses of key areas."""

from django.urls import path

from gongkai.publications.areas import pages

app_name = "areas-public"

urlpatterns = [
    path("", pages.index, name="index"),
    path("projects/", pages.projects, name="projects"),
    path("projects/<slug:code>/", pages.project, name="project"),
    path("batches/<int:pk>.json", pages.batch, name="batch"),
    path("<slug:code>/", pages.rows, name="list"),
    path("<slug:code>/export.<str:form>", pages.download, name="export"),
    path("<slug:code>/<int:pk>/", pages.entry, name="entry"),
]
