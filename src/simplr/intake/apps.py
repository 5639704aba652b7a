from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "simplr.intake"
    label = "intake"
