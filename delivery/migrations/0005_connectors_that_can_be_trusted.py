import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0004_which_server_and_what_is_unsettled"),
        ("people", "0001_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="Board",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("native_id", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=255)),
                ("kind", models.CharField(max_length=20)),
                ("project", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ["source", "name", "native_id"],
            },
        ),
        migrations.CreateModel(
            name="DeploymentRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(blank=True, max_length=200)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("deployment", "A deployment to an environment"),
                            ("release", "A release"),
                            ("tag", "A tag"),
                            ("workflow", "A successful workflow run"),
                        ],
                        max_length=12,
                    ),
                ),
                ("pattern", models.CharField(max_length=200)),
                ("prereleases", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["source", "scope", "what", "pattern"],
            },
        ),
        migrations.CreateModel(
            name="HookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delivery", models.CharField(max_length=100)),
                ("event", models.CharField(max_length=80)),
                ("received", models.DateTimeField()),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("scope", models.CharField(blank=True, max_length=200)),
                (
                    "ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=250), blank=True, default=list, size=None
                    ),
                ),
                ("done", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-received", "-id"],
            },
        ),
        migrations.CreateModel(
            name="KeyAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
            ],
            options={
                "verbose_name_plural": "key aliases",
                "ordering": ["source", "key"],
            },
        ),
        migrations.CreateModel(
            name="KindRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(blank=True, max_length=200)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "field",
                    models.CharField(
                        choices=[("type", "Type"), ("label", "Label"), ("component", "Component"), ("title", "Title")],
                        max_length=10,
                    ),
                ),
                ("pattern", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("feature", "Feature"),
                            ("bug", "Bug"),
                            ("chore", "Chore"),
                            ("experiment", "Experiment"),
                            ("incident", "Incident"),
                            ("epic", "Epic"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["source", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Missing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=200)),
                ("why", models.TextField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "ordering": ["slice", "what"],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("native_id", models.CharField(max_length=200)),
                ("tag", models.CharField(max_length=255)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("sha", models.CharField(blank=True, max_length=64)),
                ("created", models.DateTimeField()),
                ("published", models.DateTimeField(blank=True, null=True)),
                ("prerelease", models.BooleanField(default=False)),
                ("tag_only", models.BooleanField(default=False)),
                ("url", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ["repository", "-created"],
            },
        ),
        migrations.CreateModel(
            name="SprintItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("committed", models.BooleanField()),
                ("added", models.DateTimeField(blank=True, null=True)),
                ("removed", models.DateTimeField(blank=True, null=True)),
                ("points", models.FloatField(blank=True, null=True)),
            ],
            options={
                "ordering": ["sprint", "item"],
            },
        ),
        migrations.CreateModel(
            name="WorkflowRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("native_id", models.CharField(max_length=60)),
                ("attempt", models.PositiveSmallIntegerField()),
                ("workflow", models.CharField(max_length=255)),
                ("event", models.CharField(blank=True, max_length=60)),
                ("branch", models.CharField(blank=True, max_length=255)),
                ("sha", models.CharField(blank=True, max_length=64)),
                ("created", models.DateTimeField()),
                ("started", models.DateTimeField(blank=True, null=True)),
                ("finished", models.DateTimeField(blank=True, null=True)),
                ("conclusion", models.CharField(blank=True, max_length=40)),
                ("url", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ["repository", "-created"],
            },
        ),
        migrations.CreateModel(
            name="Worklog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("native_id", models.CharField(max_length=60)),
                ("started", models.DateTimeField(blank=True, null=True)),
                ("seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("updated", models.DateTimeField()),
            ],
            options={
                "ordering": ["item", "started", "id"],
            },
        ),
        migrations.AlterModelOptions(
            name="stagemapping",
            options={"ordering": ["source", "status", "project"]},
        ),
        migrations.RemoveConstraint(
            model_name="deployment",
            name="deployment_once",
        ),
        migrations.RemoveConstraint(
            model_name="stagemapping",
            name="stage_mapping_once",
        ),
        migrations.AddField(
            model_name="deployment",
            name="origin",
            field=models.CharField(
                choices=[
                    ("deployment", "Deployment"),
                    ("release", "Release"),
                    ("tag", "Tag"),
                    ("workflow", "Workflow run"),
                ],
                db_default="deployment",
                default="deployment",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="closes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=220), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="force_pushes",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="milestone",
            field=models.CharField(blank=True, db_default="", max_length=255),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="reopened",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="review_requested",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="auth",
            field=models.CharField(
                choices=[("token", "A token"), ("oauth", "OAuth 2.0"), ("app", "A GitHub App")],
                default="token",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="backfill_from",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="browse",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="source",
            name="disconnected",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="hook_heard",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="hook_secret",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="source",
            name="lacks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="patterns",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="removing",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="source",
            name="renew_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="secret",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="source",
            name="share",
            field=models.PositiveSmallIntegerField(default=50),
        ),
        migrations.AddField(
            model_name="source",
            name="story_points_field",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="source",
            name="token_expires",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="token_kind",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="source",
            name="worklogs",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="sourceslice",
            name="alarm",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="sourceslice",
            name="count",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="sourceslice",
            name="counted",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="sprint",
            name="boards",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="stagemapping",
            name="project",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="workitem",
            name="absent",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="syncrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("running", "Reading"),
                    ("done", "Done"),
                    ("partial", "Done in part"),
                    ("failed", "Failed"),
                    ("stopped", "Stopped"),
                ],
                default="running",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="deployment",
            constraint=models.UniqueConstraint(fields=("repository", "origin", "native_id"), name="deployment_once"),
        ),
        migrations.AddConstraint(
            model_name="stagemapping",
            constraint=models.UniqueConstraint(fields=("source", "project", "status_id"), name="stage_mapping_once"),
        ),
        migrations.AddField(
            model_name="board",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="boards", to="delivery.source"
            ),
        ),
        migrations.AddField(
            model_name="deploymentrule",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="deployment_rules", to="delivery.source"
            ),
        ),
        migrations.AddField(
            model_name="hookdelivery",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="hooks", to="delivery.source"
            ),
        ),
        migrations.AddField(
            model_name="keyalias",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="delivery.workitem"
            ),
        ),
        migrations.AddField(
            model_name="keyalias",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="key_aliases", to="delivery.source"
            ),
        ),
        migrations.AddField(
            model_name="kindrule",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="kind_rules", to="delivery.source"
            ),
        ),
        migrations.AddField(
            model_name="missing",
            name="slice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="missing", to="delivery.sourceslice"
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.account",
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="releases", to="delivery.repository"
            ),
        ),
        migrations.AddField(
            model_name="sprintitem",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="sprint_parts", to="delivery.workitem"
            ),
        ),
        migrations.AddField(
            model_name="sprintitem",
            name="sprint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="delivery.sprint"
            ),
        ),
        migrations.AddField(
            model_name="workflowrun",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.account",
            ),
        ),
        migrations.AddField(
            model_name="workflowrun",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="workflow_runs", to="delivery.repository"
            ),
        ),
        migrations.AddField(
            model_name="worklog",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.account",
            ),
        ),
        migrations.AddField(
            model_name="worklog",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="worklogs", to="delivery.workitem"
            ),
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.UniqueConstraint(fields=("source", "native_id"), name="board_once"),
        ),
        migrations.AddConstraint(
            model_name="deploymentrule",
            constraint=models.UniqueConstraint(
                fields=("source", "scope", "what", "pattern"), name="deployment_rule_once"
            ),
        ),
        migrations.AddIndex(
            model_name="hookdelivery",
            index=models.Index(fields=["source", "done"], name="hook_delivery_open"),
        ),
        migrations.AddConstraint(
            model_name="hookdelivery",
            constraint=models.UniqueConstraint(fields=("source", "delivery"), name="hook_delivery_once"),
        ),
        migrations.AddConstraint(
            model_name="keyalias",
            constraint=models.UniqueConstraint(fields=("source", "key"), name="key_alias_once"),
        ),
        migrations.AddConstraint(
            model_name="missing",
            constraint=models.UniqueConstraint(fields=("slice", "what"), name="missing_once"),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(fields=("repository", "native_id"), name="release_once"),
        ),
        migrations.AddConstraint(
            model_name="sprintitem",
            constraint=models.UniqueConstraint(fields=("sprint", "item"), name="sprint_item_once"),
        ),
        migrations.AddConstraint(
            model_name="workflowrun",
            constraint=models.UniqueConstraint(
                fields=("repository", "native_id", "attempt"), name="workflow_run_attempt_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="worklog",
            constraint=models.UniqueConstraint(fields=("item", "native_id"), name="worklog_once"),
        ),
        migrations.AddField(
            model_name="workitem",
            name="guessed_kind",
            field=models.CharField(blank=True, db_default="", max_length=12),
        ),
        migrations.AlterField(
            model_name="commit",
            name="pull_request",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="commits",
                to="delivery.pullrequest",
            ),
        ),
        migrations.AlterField(
            model_name="fieldchange",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="delivery.workitem",
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="pull_request",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews",
                to="delivery.pullrequest",
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="author",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.account",
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="transitions",
                to="delivery.workitem",
            ),
        ),
        migrations.AlterField(
            model_name="workitem",
            name="reporter",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="reported",
                to="people.account",
            ),
        ),
        migrations.AlterField(
            model_name="workitem",
            name="source",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="items", to="delivery.source"
            ),
        ),
        migrations.AddField(
            model_name='source',
            name='parts_change',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='source',
            name='parts_item',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='sprint',
            name='parts_of',
            field=models.CharField(blank=True, db_default='', default='', max_length=80),
        ),
        migrations.RunSQL(  # what histories told of former keys before there was a table for them
            "INSERT INTO delivery_keyalias (source_id, key, item_id) "
            "SELECT DISTINCT ON (i.source_id, c.from_value) i.source_id, c.from_value, i.id "
            "FROM delivery_fieldchange c JOIN delivery_workitem i ON i.id = c.item_id "
            "WHERE c.field = 'key' AND c.from_value NOT IN ('', i.key) AND length(c.from_value) <= 80 "
            "ORDER BY i.source_id, c.from_value, c.at DESC",
            migrations.RunSQL.noop,
        ),
    ]
