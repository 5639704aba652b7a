from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "simplr.resources"
    label = "resources"
