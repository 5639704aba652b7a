from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "simplr.api"
    label = "api"
