"""A password that somebody else set is changed at the next sign-in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_case_section_open")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="password_temporary",
            field=models.BooleanField("下次登录须改密码", default=False),
        ),
    ]
