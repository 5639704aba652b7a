from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "simplr.accounts"
    label = "accounts"

    def ready(self) -> None:
        from simplr.accounts import services, signals_of_allauth  # noqa: F401 - listens by import
        from simplr.base import plugs

        plugs.reach.fill(services.reach)
