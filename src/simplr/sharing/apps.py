from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "simplr.sharing"
    label = "sharing"

    def ready(self) -> None:
        from simplr.resources import erasing as resources
        from simplr.sharing import erasing, queries
        from simplr.vault import claims

        claims.register(queries.objects_referred_to)
        keeper = resources.Keeper(objects=erasing.objects, forget=erasing.forget)
        resources.register("sharing", keeper)
