from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "simplr.sharing"
    label = "sharing"

    def ready(self) -> None:
        from simplr.sharing import queries
        from simplr.vault import claims

        claims.register(queries.objects_referred_to)
