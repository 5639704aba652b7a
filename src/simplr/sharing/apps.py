from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "simplr.sharing"
    label = "sharing"
