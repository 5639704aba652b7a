from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0002_members_comment")]

    operations = [
        migrations.AlterField(
            model_name="part",
            name="object_id",
            field=models.UUIDField(db_index=True),
        ),
    ]
