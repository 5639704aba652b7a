from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("resources", "0006_rows_are_replaced_by_key")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="recipe_id",
            field=models.UUIDField(null=True),
        ),
    ]
