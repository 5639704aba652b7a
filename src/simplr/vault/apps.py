from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "simplr.vault"
    label = "vault"

    def ready(self) -> None:
        from simplr.base import plugs
        from simplr.vault import services

        plugs.seal.fill(services.seal_value)
        plugs.unseal.fill(services.open_value)
        plugs.sign.fill(services.ledger_signing_key)
