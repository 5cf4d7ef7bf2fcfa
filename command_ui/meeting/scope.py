"""What of a shown view may this follower see? Following never widens it: layers and rows are asked for as himself."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from command_ui.access.roles import Label, SignedIn
from gis.database import Caller, Database
from gis.errors import MissingError
from layers import store
from layers.catalogue import LAYERS
from layers.registers.sync import states as registers_now
from layers.rows import belongs, table_of

Json = dict[str, Any]

KEPT_S = 30.0
"""How long an answer holds: what somebody may see changes with his account, not with the view."""
ROWS_KEPT = 256
LABELS: tuple[Label, ...] = ("public", "internal", "restricted")
ScopeKey = tuple[Caller, Label]
_BY_KEY = {spec.key: spec for spec in LAYERS}


@dataclass(slots=True)
class Scope:
    """
    Everybody on this server who may see the same: one range of divisions, one world, one clearance.

    A view is cut once a scope and not once a follower, so two hundred followers of one county cost one rendering.
    Its methods read the database and block: call them in a thread.
    """

    database: Database
    caller: Caller
    clearance: Label
    _layers: dict[str, tuple[float, bool]] = field(default_factory=dict)
    _rows: dict[tuple[str, str], tuple[float, bool]] = field(default_factory=dict)

    def cut(self, view: Json) -> tuple[Json, int]:
        """
        Give the view without what this scope may not see, and how many layers were left out.

        The names of those layers are left out with them, and so are their filters and a row selected in one of them.
        """
        wanted = [str(key) for key in view.get("layers") or ()]
        seen = self._visible(wanted)
        own = [key for key in wanted if key in seen]
        chosen = view.get("selection")
        if chosen is not None and not self._visible([str(chosen["layer"])]):
            chosen = None
        if chosen is not None and not self._row(str(chosen["layer"]), str(chosen["id"])):
            chosen = None
        only = {key: conditions for key, conditions in (view.get("only") or {}).items() if key in own}
        return view | {"layers": own, "only": only, "selection": chosen}, len(wanted) - len(own)

    def _visible(self, wanted: Iterable[str]) -> set[str]:
        now = time.monotonic()
        asked = [key for key in wanted if key not in self._layers or self._layers[key][0] < now]
        if asked:
            with self.database.transaction(self.caller) as connection:
                found = visible(connection, asked, self.clearance)
            self._layers |= {key: (now + KEPT_S, key in found) for key in asked}
        return {key for key in wanted if self._layers[key][1]}

    def _row(self, layer: str, row: str) -> bool:
        now = time.monotonic()
        kept = self._rows.get((layer, row))
        if kept is None or kept[0] < now:
            if len(self._rows) > ROWS_KEPT:
                self._rows.clear()
            try:
                with self.database.transaction(self.caller) as connection:
                    store.dossier(connection, layer, row)
                    kept = (now + KEPT_S, True)
            except MissingError:
                kept = (now + KEPT_S, False)
            self._rows[layer, row] = kept
        return kept[1]


def scope_key(person: SignedIn) -> ScopeKey:
    """Everybody with the same key may see the same."""
    return replace(person.caller(), actor=""), person.clearance


def scope_of(database: Database, person: SignedIn) -> Scope:
    """Scope of one person, good for everybody with the same key."""
    return Scope(database, person.caller(), person.clearance)


def is_open(label: Label, clearance: Label) -> bool:
    """Whether rows of a label are open to a clearance."""
    return LABELS.index(label) <= LABELS.index(clearance)


def visible(connection: Connection, keys: Iterable[str], clearance: Label) -> set[str]:
    """Layers of which the caller may see at least one row; a key that names no layer is not among them."""
    found, mirrored = set(), None
    for key in set(keys) & _BY_KEY.keys():
        spec = _BY_KEY[key]
        if not is_open(spec.audience, clearance):
            continue
        if spec.mirrored:
            mirrored = mirrored or {state.register.key: state for state in registers_now(connection)}
            if mirrored[key].connected and mirrored[key].rows:
                found.add(key)
        elif spec.connected:
            table = table_of(spec)
            row = connection.execute(select(1).select_from(table).where(belongs(spec, table)).limit(1)).first()
            if row is not None:
                found.add(key)
    return found
