"""The sub-room of masking."""

from django.apps import AppConfig


class MaskingConfig(AppConfig):
    """Masking."""

    name = "gongkai.requests.masking"
    label = "masking"
    verbose_name = "遮盖"

    def ready(self) -> None:
        from gongkai.requests import materials
        from gongkai.requests.masking import acts, jobs, queries, settings  # noqa: F401  some register themselves

        materials.checks.append(queries.hindrance)
        materials.part_lists.append(queries.withheld_parts)
