from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "simplr.datasets"
    label = "datasets"

    def ready(self) -> None:
        from simplr.datasets import queries
        from simplr.vault import claims

        claims.register(queries.objects_referred_to)
