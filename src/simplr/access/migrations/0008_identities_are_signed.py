from django.db import migrations, models

import simplr.base.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_programs_act_for_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=simplr.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("public", models.TextField()),
                ("sealed", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
