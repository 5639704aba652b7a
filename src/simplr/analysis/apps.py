from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "simplr.analysis"
    label = "analysis"

    def ready(self) -> None:
        from simplr.analysis import beside as beside  # what the worker does beside its jobs
