from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "simplr.projects"
    label = "projects"

    def ready(self) -> None:
        from simplr.base import entry
        from simplr.projects import queries

        entry.resolve_names("project", queries.project_id_of)
        entry.resolve_names("place", queries.project_id_of)
