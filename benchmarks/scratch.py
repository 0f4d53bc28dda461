"""A database of the benchmarks' own, made for one run and dropped after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def scratch_database() -> Iterator[None]:
    """Migrated and empty. On the server of DATABASE_URL, else on a PostgreSQL started for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django  # noqa: PLC0415  (settings first)

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from config.embedded.address import Address  # noqa: PLC0415
    from config.embedded.alone import alone  # noqa: PLC0415
    from config.embedded.postgres import Postgres  # noqa: PLC0415

    with ExitStack() as stack:
        if settings.DATABASE_EMBEDDED:
            postgres = Postgres(Address.below(settings.VAR_DIR))
            stack.enter_context(alone(settings.VAR_DIR))
            stack.callback(postgres.stop)
            postgres.start()
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        stack.callback(connection.creation.destroy_test_db, name, verbosity=0)
        yield
