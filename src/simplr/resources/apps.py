from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "simplr.resources"
    label = "resources"

    def ready(self) -> None:
        from simplr.resources import erasing, queries, services
        from simplr.vault import claims

        claims.register(queries.objects_referred_to)
        keeper = erasing.Keeper(objects=queries.objects_of, forget=services.forget)
        erasing.register("resources", keeper)
