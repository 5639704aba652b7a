from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0009_versions_are_mended")]

    operations = [
        migrations.AddField(
            model_name="version", name="text_id", field=models.UUIDField(null=True)
        ),
    ]
