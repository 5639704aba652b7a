from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "simplr.base"
    label = "base"

    def ready(self) -> None:
        from simplr.base import children, metrics

        children.observe(metrics.OfChildren())
