from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "simplr.operations"
    label = "operations"
