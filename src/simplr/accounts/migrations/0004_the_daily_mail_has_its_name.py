from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_people_get_notices"),
    ]

    operations = [
        migrations.RenameField("person", "wants_digest", "wants_daily_mail"),
        migrations.RenameField("person", "digest_at", "daily_mail_at"),
    ]
