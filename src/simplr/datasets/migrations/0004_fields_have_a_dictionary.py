from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0003_restored_versions_share_parts"),
    ]

    operations = [
        migrations.AddField(
            model_name="field",
            name="unit",
            field=models.CharField(blank=True, max_length=60, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="field",
            name="is_key",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="field",
            name="limits",
            field=models.BinaryField(null=True),
        ),
    ]
