import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0005_quality_is_counted"),
        ("resources", "0005_versions_know_how_they_came"),
    ]

    operations = [
        migrations.CreateModel(
            name="Structure",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="structure",
                        serialize=False,
                        to="resources.version",
                    ),
                ),
                ("keys", models.JSONField(default=list)),
                ("dependencies", models.JSONField(default=list)),
                ("is_whole", models.BooleanField()),
            ],
        ),
    ]
