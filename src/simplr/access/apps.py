from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "simplr.access"
    label = "access"

    def ready(self) -> None:
        from simplr.access import permissions
        from simplr.base import plugs

        plugs.decide.fill(permissions.decide)
