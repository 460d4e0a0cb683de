"""The sub-room of registers."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Registers."""

    name = "gongkai.publications.registers"
    label = "registers"
    verbose_name = "公开目录与清理"

    def ready(self) -> None:
        from gongkai.publications.registers import (  # noqa: F401  some register themselves
            acts,
            kinds,
            measures,
            navigation,
            outward,
            periodic,
            settings,
        )

        kinds.register_all()
        navigation.register_all()
        outward.register()
        periodic.listen()
