"""What does the database learn when a road network is built?"""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from command_ui.bootstrap import open_house
from command_ui.settings import Settings
from gis.cluster import PrivateCluster
from gis.database import Caller
from gis.errors import InputError, UnavailableError
from layers import base
from routing import cache, store
from routing.network import Network


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


def with_edits(settings: Settings, network: Network) -> Network:
    """A network with what is recorded of its roads against the file; itself where no database answers: `enter` says."""
    if not has_database(settings):
        return network
    try:
        with open_house(settings) as house, house.database.transaction(Caller.system()) as connection:
            return store.with_edits(connection, network)
    except UnavailableError:
        return network


def edit(
    settings: Settings, folder: Path, way_id: int, attribute: str, value: float, reason: str, keep: int
) -> dict[str, Any]:
    """
    Record that a road is not as the file says, and write the network anew with every edit; gives `enter` and `edit`.

    Raises
    ------
    InputError
        No such way in the network, an attribute that cannot be edited, a value not above 0, no reason.
    UnavailableError
        No database: edits are kept there, so that they outlive the next build.
    """
    network = cache.load(folder)
    if not (np.asarray(network.way_id) == way_id).any():
        raise InputError(f"way {way_id} is not in network '{folder.name}'")
    if not has_database(settings):
        raise UnavailableError("an edit is kept in the database and there is none yet: start the program once")
    with open_house(settings) as house, house.database.transaction(Caller.system()) as connection:
        number = store.add_edit(connection, folder.name, way_id, attribute, value, reason)
        edited = store.with_edits(connection, network)
    places = {**edited.report, "frames": cache.frames(folder)}
    cache.save(dataclasses.replace(edited, report=places), folder, keep=keep)
    return {"edit": number, **enter(settings, folder)}
