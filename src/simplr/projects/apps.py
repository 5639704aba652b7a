from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "simplr.projects"
    label = "projects"
