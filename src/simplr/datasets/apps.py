from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "simplr.datasets"
    label = "datasets"

    def ready(self) -> None:
        from simplr.datasets import erasing, queries
        from simplr.resources import erasing as resources
        from simplr.vault import claims

        claims.register(queries.objects_referred_to)
        keeper = resources.Keeper(objects=erasing.objects, forget=erasing.forget)
        resources.register("datasets", keeper)
