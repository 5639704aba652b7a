from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "simplr.resources"
    label = "resources"

    def ready(self) -> None:
        from simplr.resources import queries
        from simplr.vault import claims

        claims.register(queries.objects_referred_to)
