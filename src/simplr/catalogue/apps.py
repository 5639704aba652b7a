from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "simplr.catalogue"
    label = "catalogue"
