#!/usr/bin/env python
"""Headway's command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from config import embedded, env

NEEDS_NO_SERVERS = {"help", "simulate", "version", "collectstatic", "--help", "-h", "--version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    words = sys.argv[1:]
    wants_servers = bool(words) and words[0] not in NEEDS_NO_SERVERS and not {"--help", "-h"} & set(words)
    if wants_servers and env.is_local() and not os.environ.get("DATABASE_URL"):
        try:
            servers = embedded.start(env.data_dir(Path(__file__).parent))
        except embedded.EmbeddedError as error:
            sys.exit(str(error))
        os.environ |= {
            "HEADWAY_EMBEDDED": "1",
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
        }
    from django.core.management import execute_from_command_line  # after the environment is complete

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
