"""Addresses of key areas in the workbench."""

from django.urls import path

from gongkai.publications.areas.views import datasets, filling

app_name = "areas"

urlpatterns = [
    path("", datasets.index, name="index"),
    path("open/", datasets.open_dataset, name="open"),
    path("templates/new/", datasets.new_template, name="template"),
    path("<int:pk>/", datasets.dataset, name="dataset"),
    path("<int:pk>/setup/", datasets.setup, name="setup"),
    path("<int:pk>/blank.xlsx", datasets.blank, name="blank"),
    path("<int:pk>/filled.xlsx", datasets.filled, name="filled"),
    path("<int:pk>/enter/", filling.enter, name="enter"),
    path("<int:pk>/upload/", filling.upload, name="upload"),
    path("batches/<int:pk>/rows/", filling.batch_rows, name="batch-rows"),
    path("batches/<int:pk>/rows/<int:row>/", filling.row, name="row"),
]
