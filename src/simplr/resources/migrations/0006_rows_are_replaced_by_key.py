from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0005_versions_know_how_they_came")]

    operations = [
        migrations.AlterField(
            model_name="version",
            name="mode",
            field=models.CharField(
                choices=[
                    ("replace", "Replace"),
                    ("append", "Append"),
                    ("upsert", "Upsert"),
                    ("restore", "Restore"),
                ],
                default="replace",
                max_length=8,
            ),
        ),
    ]
