from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "simplr.datasets"
    label = "datasets"
