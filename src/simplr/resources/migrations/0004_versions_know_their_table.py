from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0003_things_lie_in_folders")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="table_path",
            field=models.JSONField(default=list),
        ),
        migrations.AddIndex(
            model_name="version",
            index=models.Index(fields=["original_id"], name="version_by_original"),
        ),
    ]
