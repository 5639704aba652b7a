from django.apps import AppConfig


class LicensingConfig(AppConfig):
    name = "simplr.licensing"
    label = "licensing"
