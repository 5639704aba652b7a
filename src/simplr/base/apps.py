from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "simplr.base"
    label = "base"
