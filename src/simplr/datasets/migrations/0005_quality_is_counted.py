from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0004_fields_have_a_dictionary"),
    ]

    operations = [
        migrations.AddField(
            model_name="field",
            name="quarantined_count",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="field",
            name="inconsistent_count",
            field=models.BigIntegerField(null=True),
        ),
    ]
