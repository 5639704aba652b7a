from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0010_versions_keep_their_text")]

    operations = [
        migrations.AddField(
            model_name="version", name="text_refusal", field=models.JSONField(default=dict)
        ),
    ]
