"""A log-in remembers how often its calendar's link was renewed."""

# ruff: noqa: RUF012 - as Django writes it

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_webhooks_and_jobs'),
    ]

    operations = [
        migrations.AddField(
            model_name='login', name='calendar_turn', field=models.PositiveIntegerField(default=0)),
    ]
