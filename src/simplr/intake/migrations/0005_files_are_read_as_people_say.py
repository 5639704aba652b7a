from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_files_are_kept_by_a_recipe")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="read_as",
            field=models.JSONField(null=True),
        ),
    ]
