from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_owners_are_told_of_malware"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="code",
            field=models.CharField(
                choices=[
                    ("asked", "Asked"),
                    ("commented", "Commented"),
                    ("declined", "Declined"),
                    ("granted", "Granted"),
                    ("infected", "Infected"),
                    ("member", "Member"),
                    ("trashed", "Trashed"),
                ],
                max_length=12,
            ),
        ),
    ]
