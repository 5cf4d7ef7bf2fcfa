"""Which versions of the layers lay under a decision? Rows, age and state of each layer that has any."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from layers import store
from scenarios.event import Json


def layer_versions(connection: Connection, now: datetime | None = None) -> Json:
    """
    Versions of the layers as they lie in the database: layer -> ``rows``, ``as_of`` (newest time spoken of), ``state``.

    Layers without rows are left out: nobody decided on them.
    """
    return {
        one.layer: {"rows": one.rows, "as_of": one.newest.isoformat() if one.newest else None, "state": one.state}
        for one in store.feeds(connection, now or datetime.now(UTC))
        if one.rows
    }
