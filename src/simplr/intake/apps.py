from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "simplr.intake"
    label = "intake"

    def ready(self) -> None:
        from simplr.intake import again as again  # a task, known by import
        from simplr.intake import erasing, queries
        from simplr.intake import joining as joining  # a task, known by import
        from simplr.resources import erasing as resources
        from simplr.vault import claims

        claims.register(queries.objects_referred_to)
        keeper = resources.Keeper(objects=erasing.objects, forget=erasing.forget)
        resources.register("intake", keeper)
