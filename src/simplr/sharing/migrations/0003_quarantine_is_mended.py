import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import simplr.base.ids


class Migration(migrations.Migration):
    dependencies = [
        ("resources", "0009_versions_are_mended"),
        ("sharing", "0002_versions_are_compared"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Mending",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=simplr.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("asked_id", models.UUIDField(null=True)),
                ("edited", models.CharField(blank=True, max_length=8)),
                ("reading", models.JSONField(default=dict)),
                ("progress", models.JSONField(default=dict)),
                ("job_id", models.BigIntegerField(null=True)),
                ("cancel_asked_at", models.DateTimeField(null=True)),
                ("error_code", models.CharField(blank=True, max_length=60)),
                ("error_message", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "earlier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="resources.version",
                    ),
                ),
                (
                    "made",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="resources.version",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mendings",
                        to="resources.resource",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["resource", "-id"], name="mending_by_resource")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("made__isnull", True), ("error_code", ""), _connector="OR"
                        ),
                        name="mending_ends_once",
                    )
                ],
            },
        ),
    ]
