from django.db import migrations


class Migration(migrations.Migration):
    """Nothing ever wrote this table: each wrapped key knows its root key."""

    dependencies = [
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel(name="RootKeyMark"),
    ]
