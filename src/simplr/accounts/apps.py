from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "simplr.accounts"
    label = "accounts"

    def ready(self) -> None:
        from simplr.accounts import services
        from simplr.base import plugs

        plugs.reach.fill(services.reach)
