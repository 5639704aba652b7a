import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0004_versions_know_their_table")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="mode",
            field=models.CharField(
                choices=[
                    ("replace", "Replace"),
                    ("append", "Append"),
                    ("restore", "Restore"),
                ],
                default="replace",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="key",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="earlier",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="resources.version",
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="upload_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="changes",
            field=models.JSONField(default=dict),
        ),
    ]
