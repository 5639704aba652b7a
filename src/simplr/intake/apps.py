from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "simplr.intake"
    label = "intake"

    def ready(self) -> None:
        from simplr.intake import queries
        from simplr.vault import claims

        claims.register(queries.objects_referred_to)
