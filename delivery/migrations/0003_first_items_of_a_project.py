"""The first item of a project tells since when anything is known of a team: found without reading all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_outcomes_and_corrections")]

    operations = [
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(fields=["source", "project", "created"], name="work_item_arrived"),
        ),
    ]
