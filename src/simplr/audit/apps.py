from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "simplr.audit"
    label = "audit"
