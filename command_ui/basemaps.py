"""What do the settings mean for the national base maps, and how is their state said to a page?"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from command_ui.words import Language, say
from gis.errors import InputError
from tianditu.catalogue import BASE_MAPS, NODES, NodeId
from tianditu.configuration import Configuration
from tianditu.keys import parse

if TYPE_CHECKING:
    from command_ui.settings import Settings
    from tianditu.proxy import NodeState

CHOICES: tuple[tuple[str, str, str | None], ...] = (
    ("vec", "vec", "cva"),
    ("img", "img", "cia"),
    ("ter", "ter", "cta"),
    ("js-blue", "js-blue", None),
    ("js-img", "js-img", "cia"),
    ("jl-img", "jl-img", "cia"),
)
"""What a person can choose: id, ground, names upon it."""

OWN = "own"
"""Our own vector base map, wherever a choice is named."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose a base map is: approval number 审图号, empty where none is set, and its source, empty for our own."""

    approval: str
    source: str


def credits_of(settings: "Settings") -> dict[str, tuple[Credit, ...]]:
    """
    Give what must stand beside each base map, by choice: the one table that screen, picture and print take it from.

    A choice whose names come from another publisher than its ground has both.
    """
    nodes = {one.id: one.node for one in BASE_MAPS}
    by_node = {
        "national": Credit(settings.tianditu_approval, settings.tianditu_attribution),
        "jiangsu": Credit(settings.tianditu_jiangsu_approval, f"©{NODES['jiangsu'].title_zh}"),
        "jilin": Credit(settings.tianditu_jilin_approval, f"©{NODES['jilin'].title_zh}"),
    }
    found: dict[str, tuple[Credit, ...]] = {OWN: (Credit(settings.own_map_approval, ""),)}
    for choice, *layers in CHOICES:
        found[choice] = tuple(by_node[node] for node in dict.fromkeys(nodes[layer] for layer in layers if layer))
    return found


def approval_line(drawn: Iterable[str], table: Mapping[str, tuple[Credit, ...]], language: Language) -> str:
    """
    Write the approval numbers of the base maps that were drawn, each once; one without a number says so.

    Examples
    --------
    >>> table = {"own": (Credit("", ""),), "vec": (Credit("GS（2024）0568号", "©"),)}
    >>> approval_line(["vec"], table, "zh")
    '审图号：GS（2024）0568号'
    >>> approval_line(["vec", "own"], table, "zh")
    '审图号：GS（2024）0568号；（待配置）'
    """
    none = say("basemap.approval.none", language)
    numbers = dict.fromkeys(one.approval or none for choice in drawn for one in table.get(choice, (Credit("", ""),)))
    return say("basemap.approval", language, number=say("basemap.join", language).join(numbers))


def configuration(settings: "Settings") -> Configuration:
    """
    Build what the room `tianditu` is told.

    Raises
    ------
    InputError
        An unknown province, or a base address that is none.
    """
    faults = []
    provinces = frozenset(part.strip() for part in settings.tianditu_provinces.split(",") if part.strip())
    known = {node for node in NODES if node != "national"}
    faults += [
        f"ONEMAP_TIANDITU_PROVINCES: '{name}' is none of {', '.join(sorted(known))}"
        for name in sorted(provinces - known)
    ]
    hosts: dict[NodeId, tuple[str, ...]] = {
        "jiangsu": (settings.tianditu_jiangsu_url,),
        "jilin": (settings.tianditu_jilin_url,),
    }
    if settings.tianditu_tiles_url:
        hosts["national"] = tuple(part.strip() for part in settings.tianditu_tiles_url.split(",") if part.strip())
    for address in [*(one for several in hosts.values() for one in several), settings.tianditu_api_url]:
        if not address.startswith(("http://", "https://")):
            faults.append(f"'{address}' is no base address: it must begin with http:// or https://")
    if faults:
        raise InputError(faults)
    return Configuration(
        settings.data_dir / "tianditu",
        keys=parse(settings.tianditu_keys),
        hosts=hosts,
        api_base=settings.tianditu_api_url,
        provincial=frozenset(node for node in NODES if node in provinces),
        cache_bytes=settings.tianditu_cache_mb * 1_000_000,
        fresh_s=settings.tianditu_cache_days * 86_400,
    )


def for_page(states: Iterable["NodeState"], settings: "Settings") -> dict[str, Any]:
    """
    Give what the page's chooser and badge need: choices with their limits, the state of each publisher, whose each is.

    A choice is there although its publisher does not answer now; it says so.
    """
    by_node = {state.node: state for state in states}
    maps = {one.id: one for one in BASE_MAPS}
    choices = []
    for choice, ground, names in CHOICES:
        state = by_node.get(maps[ground].node)
        if state is None:
            continue
        packages = {package for one in by_node.values() for package in one.packages}
        choices.append(
            {
                "id": choice,
                "node": state.node,
                "title": [maps[ground].title_zh, maps[ground].title_en],
                "state": state.state,
                "packed": bool(packages),
                "layers": [
                    {
                        "id": layer,
                        "matrices": list(maps[layer].matrices),
                        "highest": maps[layer].highest_level,
                        "extent": maps[layer].extent,
                    }
                    for layer in (ground, names)
                    if layer is not None
                ],
            }
        )
    return {
        "choices": choices,
        "nodes": [
            {
                "id": state.node,
                "title": [state.title_zh, state.title_en],
                "state": state.state,
                "since": state.since,
                "hosts": [
                    {"host": host.host, "state": host.state, "retry_s": round(host.retry_s)} for host in state.hosts
                ],
                "packed": bool(state.packages),
            }
            for state in by_node.values()
        ],
        "credits": credits_for_page(settings),
    }


def credits_for_page(settings: "Settings") -> dict[str, list[dict[str, str]]]:
    """Give the table of `credits_of` as the browser takes it."""
    return {choice: [asdict(one) for one in several] for choice, several in credits_of(settings).items()}
