from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_files_are_put_into_folders")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="recipes",
            field=models.BinaryField(null=True),
        ),
    ]
