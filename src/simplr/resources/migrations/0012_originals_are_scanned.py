from django.db import migrations, models

STATES = [("", ""), ("clean", "clean"), ("infected", "infected"), ("not-scanned", "not-scanned")]


class Migration(migrations.Migration):
    dependencies = [("resources", "0011_why_there_is_no_text")]

    operations = [
        migrations.CreateModel(
            name="Scan",
            fields=[
                ("original_id", models.UUIDField(primary_key=True, serialize=False)),
                ("state", models.CharField(choices=STATES, max_length=11)),
                ("found", models.CharField(blank=True, max_length=100)),
                ("scanner", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="version",
            name="scan",
            field=models.CharField(
                blank=True, choices=STATES, db_default="", default="", max_length=11
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="scan_found",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
    ]
