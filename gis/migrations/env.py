"""Runs the migrations: one at a time on one database, each in its own transaction, as the owner role from 0002 on."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool, text

from gis.database import OWNER_ROLE
from gis.migrate import LOCK_KEY, VERSION_SCHEMA


def _run() -> None:
    attributes = context.config.attributes
    tell = attributes.get("tell")
    engine = create_engine(attributes["url"], poolclass=pool.NullPool)
    # A connection of its own holds the lock: migrations commit one by one, and the lock must outlast them all.
    with engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
        with engine.connect() as connection:
            table = {"name": f"{VERSION_SCHEMA}.alembic_version"}
            if connection.execute(text("SELECT to_regclass(:name)"), table).scalar() is None:
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {VERSION_SCHEMA}"))
            else:
                connection.execute(text(f"SET ROLE {OWNER_ROLE}"))
            connection.commit()

            def applied(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
                if tell is not None:
                    tell(f"migration {step.up_revision_id} applied")
                # The first migration makes the owner; everything after it belongs to that role.
                connection.execute(text(f"SET ROLE {OWNER_ROLE}"))

            context.configure(
                connection=connection,
                version_table_schema=VERSION_SCHEMA,
                transaction_per_migration=True,
                on_version_apply=applied,
            )
            with context.begin_transaction():
                context.run_migrations()
        guard.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
        guard.commit()
    engine.dispose()


_run()
