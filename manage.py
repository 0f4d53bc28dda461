#!/usr/bin/env python
"""Django's command line for Northstar."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from config.embedded.ports import announce
from config.embedded.postgres import embedded_database_is_down


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
    if sys.argv[1:2] == ["run"]:
        # Settings make addresses of the ports, so they have to be known first.
        announce(sys.argv[2:])
    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        if not embedded_database_is_down():
            raise
        sys.exit("The embedded database is not running: run the site (`make run`), or give DATABASE_URL.")


if __name__ == "__main__":
    main()
