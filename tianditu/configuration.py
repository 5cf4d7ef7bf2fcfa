"""What was the room told from outside: keys, addresses, bounds?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from tianditu.catalogue import BASE_MAPS, NODES, BaseMap, NodeId

API_BASE = "https://api.tianditu.gov.cn"
USER_AGENT = "EGIS-OneMap/1.0"
"""Without "Mozilla": with it the servers take us for a browser and refuse a server key (301013)."""


@dataclass(frozen=True)
class Configuration:
    """
    Settings of the room, as `command_ui` hands them down.

    Attributes
    ----------
    folder
        Where cache, packages and learned placeholders lie.
    keys
        Server keys 服务端密钥, sent in turn.
    hosts
        Base addresses by publisher that take the place of the recorded ones, for instance a mirrored copy on a
        government network.
    api_base
        Base address of the place services.
    provincial
        Which provincial publishers may be asked; none unless set.
    user_agent
        Sent with every request; the kind of the key is checked against it.
    cache_bytes, fresh_s
        Bound and expiry of the tile cache.
    patience_s
        How long a page waits for a tile before it is given what there is instead.
    connect_s, answer_s
        Time-outs of one request; a tile that comes after `patience_s` and before `answer_s` is kept for the next time.
    attempts
        Requests for one tile at most.
    spacing_s
        Pause between two requests to the place services; faster ones were answered with 429.
    """

    folder: Path
    keys: tuple[SecretStr, ...] = ()
    hosts: Mapping[NodeId, tuple[str, ...]] = field(default_factory=dict)
    api_base: str = API_BASE
    provincial: frozenset[NodeId] = frozenset()
    user_agent: str = USER_AGENT
    cache_bytes: int = 2_000_000_000
    fresh_s: float = 7 * 86_400.0
    patience_s: float = 1.5
    connect_s: float = 2.0
    answer_s: float = 6.0
    attempts: int = 3
    spacing_s: float = 0.35

    def hosts_of(self, node: NodeId) -> tuple[str, ...]:
        """Base addresses of a publisher."""
        return self.hosts.get(node) or NODES[node].hosts

    def is_mirrored(self, node: NodeId) -> bool:
        """Whether a copy is asked instead of the publisher: it may well do without a key."""
        return bool(self.hosts.get(node))

    def needs_key(self, node: NodeId) -> bool:
        """Whether nothing can be asked of a publisher without a key."""
        return NODES[node].needs_key and not self.is_mirrored(node)

    def may_ask(self, base_map: BaseMap) -> bool:
        """Whether anybody may be asked for a base map at all."""
        return base_map.node == "national" or base_map.node in self.provincial

    def base_maps(self) -> tuple[BaseMap, ...]:
        """Base maps that may be asked for."""
        return tuple(one for one in BASE_MAPS if self.may_ask(one))
