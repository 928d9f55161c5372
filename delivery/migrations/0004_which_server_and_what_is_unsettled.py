"""A source remembers which server it reads, a slice that what it brought was not settled yet.

Sources that are there learn their identity when they are connected again. Their slices count as unsettled once: the
last settling may have been lost.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_first_items_of_a_project")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="identity",
            field=models.CharField(blank=True, max_length=300),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="sourceslice",
            name="unsettled",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="sourceslice",
            name="unsettled",
            field=models.BooleanField(default=False),
        ),
    ]
