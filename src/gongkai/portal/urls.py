"""Addresses of the portal."""

from django.urls import path

from gongkai.portal import pages

app_name = "portal"

urlpatterns = [
    path("", pages.home, name="home"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("map/", pages.site_map, name="map"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
    path("robots.txt", pages.robots, name="robots"),
    path("components/", pages.components, name="components"),
]
