#!/usr/bin/env python
"""Headway's command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from config import embedded, env

NEEDS_NO_SERVERS = {"help", "simulate", "mailbox", "version", "collectstatic", "--help", "-h", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    words = sys.argv[1:]
    if reads_a_file_only(words):
        for name in env.REQUIRED:
            os.environ.pop(name, None)  # it connects to nothing, so half a set-up must not stop it
    local = env.is_local()
    if local and words[:1] == ["demo"]:
        os.environ |= {"HEADWAY_DEMO": "1", "ALLOW_PRIVATE_SOURCES": "1"}
    if local and words[:1] in (["demo"], ["up"]):
        os.environ |= {
            "HEADWAY_EMBEDDED": "1",
            "PUBLIC_URL": os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{os.environ.get('PORT') or 8000}",
        }
    if local and wants_servers(words) and not os.environ.get("DATABASE_URL"):
        start_servers()
    from django.core.management import execute_from_command_line  # after the environment is complete

    execute_from_command_line(sys.argv)


def wants_servers(words: list[str]) -> bool:
    """Whether a command line needs the database: nearly all do, but asking for help does not."""
    if reads_a_file_only(words):
        return False
    return bool(words) and words[0] not in NEEDS_NO_SERVERS and not {"--help", "-h"} & set(words)


def reads_a_file_only(words: list[str]) -> bool:
    return words[:1] == ["backtest"] and any(word.split("=")[0] == "--csv" for word in words)


def start_servers() -> None:
    try:
        servers = embedded.start(env.data_dir(Path(__file__).parent))
    except embedded.EmbeddedError as error:
        sys.exit(str(error))
    os.environ |= {
        "HEADWAY_EMBEDDED": "1",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
    }


if __name__ == "__main__":
    main()
