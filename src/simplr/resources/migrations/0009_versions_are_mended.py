from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0008_rows_are_made_by_unpivoting")]

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
                    ("mend", "Mend"),
                ],
                default="replace",
                max_length=8,
            ),
        ),
    ]
