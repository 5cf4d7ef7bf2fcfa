"""What does the database learn when a road network is built?"""

from pathlib import Path
from typing import Any

from command_ui.bootstrap import open_house
from command_ui.settings import Settings
from gis.cluster import PrivateCluster
from gis.database import Caller
from gis.errors import UnavailableError
from layers import base
from routing import cache, store


def has_database(settings: Settings) -> bool:
    """Whether there is a database to write to: a server that was set, or a cluster made before; none is made here."""
    return settings.database_url is not None or (PrivateCluster(settings.cluster_dir).data / "PG_VERSION").is_file()


def enter(settings: Settings, folder: Path) -> dict[str, Any]:
    """
    Record a built network as a version and draw the base map under it, where there is a database.

    Returns
    -------
    record
        ``version``, ``base_map`` (rows by table) and ``database``: ``none``, ``recorded`` or why it was not reached.
    """
    manifest = cache.read_manifest(folder)
    record: dict[str, Any] = {"version": manifest["version"], "base_map": {}, "database": "none"}
    if not has_database(settings):
        return record
    try:
        with open_house(settings) as house, house.database.transaction(Caller.system()) as connection:
            version = store.record_version(connection, manifest)
            parts = {**base.of_folder(folder), "source": manifest["provenance"]["source"]}
            drawn = base.replace(connection, folder.name, **parts)
    except UnavailableError as error:
        return {**record, "database": str(error)}
    cache.number(folder, version.version)
    return {"version": version.version, "base_map": drawn, "database": "recorded"}
