"""The transparency log as a Django app."""

from django.apps import AppConfig


class TransparencyConfig(AppConfig):
    """Transparency."""

    name = "gongkai.core.transparency"
    label = "transparency"
    verbose_name = "存证"

    def ready(self) -> None:
        from gongkai.core import portal
        from gongkai.core.transparency import jobs, queries  # noqa: F401  jobs register themselves

        portal.register_page("存证核验", "proof:index", order=70, footer=True)
        portal.register_sitemap(queries.sitemap)
