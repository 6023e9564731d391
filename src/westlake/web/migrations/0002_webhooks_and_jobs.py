"""Webhooks remember how far they read the record; jobs get a table."""

# ruff: noqa: RUF012 - as Django writes it

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('given', models.JSONField(default=dict)),
                ('asked_by', models.BigIntegerField(null=True)),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=1)),
                ('done', models.BigIntegerField(default=0)),
                ('most', models.BigIntegerField(default=0)),
                ('result', models.JSONField(null=True)),
                ('problem', models.JSONField(null=True)),
                ('asked_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('seen_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='webhook',
            name='failing_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='webhook',
            name='read_to',
            field=models.BigIntegerField(default=0),
        ),
    ]
