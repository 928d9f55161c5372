"""The house keeps its shape: arrows between apps, lengths of files and functions, imports at the top, strict pages."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parent.parent
ORDER = ("people", "teams", "delivery", "dashboards", "config")  # from the ground up
MAX_FILE, MAX_FUNCTION, MAX_TEMPLATE = 300, 50, 130
IMPORTS_LATE = {"manage.py"}  # Django may only be imported once the environment is complete


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    names = [name for name in listed.stdout.split("\0") if name]
    found = [ROOT / name for name in names] if names else [path for glob in patterns for path in ROOT.rglob(glob)]
    return [path for path in found if path.exists() and not {".venv", "var"} & set(path.parts)]


def sources() -> list[Path]:
    return [path for path in tracked("*.py") if "migrations" not in path.parts]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_there_is_something_to_look_at() -> None:
    assert len(sources()) > 50
    assert len(tracked("templates/*.html")) > 10


def test_no_row_points_to_an_app_above_its_own() -> None:
    upward = [
        f"{model.__name__}.{field.name} → {field.related_model.__name__}"
        for model in apps.get_models()
        if model._meta.app_label in ORDER
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is not None
        if field.related_model._meta.app_label in ORDER
        if ORDER.index(field.related_model._meta.app_label) > ORDER.index(model._meta.app_label)
    ]
    assert not upward


def test_no_file_is_longer_than_the_house_allows() -> None:
    long = {
        str(path.relative_to(ROOT)): n for path in sources() if (n := len(path.read_text().splitlines())) > MAX_FILE
    }
    assert not long


def test_no_function_is_longer_than_the_house_allows() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        for node in functions(ast.parse(path.read_text()))
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > MAX_FUNCTION
    ]
    assert not long


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in sources()
        if path.name not in IMPORTS_LATE
        for node in functions(ast.parse(path.read_text()))
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


def test_no_template_is_longer_than_the_house_allows() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in tracked("templates/*.html")
        if (n := len(path.read_text().splitlines())) > MAX_TEMPLATE
    }
    assert not long


@pytest.mark.parametrize("forbidden", [r"<style", r"\sstyle=", r"\son\w+=", r"<script(?![^>]*(src=|application/json))"])
def test_templates_hold_no_inline_script_or_style(forbidden: str) -> None:
    """Mails are apart: their readers know no style sheets."""
    pages = [path for path in tracked("templates/*.html") if "email" not in path.parts]
    found = [str(path.relative_to(ROOT)) for path in pages if re.search(forbidden, path.read_text())]
    assert not found


def test_the_port_can_be_chosen_from_the_environment() -> None:
    said = subprocess.run(
        ["make", "-n", "demo"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORT": "8010"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'PORT="8010"' in said.stdout


def test_migrations_have_names_that_say_what_they_do() -> None:
    automatic = [path.name for path in tracked("*/migrations/*.py") if re.match(r"\d+_(auto|alter|initial)", path.name)]
    assert not automatic


def test_the_locks_name_no_index_and_no_file_a_home_folder() -> None:
    homes = re.compile(r"(?<![\w.])/(?:root|home/\w+)/")
    own = Path(__file__).name
    paths = [
        path for path in tracked("*.py", "*.md", "*.toml", "*.sh", "Makefile", "*.yml", "*.html") if path.name != own
    ]
    assert [str(path.relative_to(ROOT)) for path in paths if homes.search(path.read_text())] == []
    locks = tracked("*.lock")
    assert len(locks) == 2
    assert [path.name for path in locks if re.search(r"://|--index-url|--find-links", path.read_text())] == []
