"""Which networks are the road engines measured on?"""

import dataclasses
import os
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from routing.importing import read
from routing.network import Network

DATA = Path(os.environ.get("ONEMAP_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "routing"


def wuhan() -> Network:
    """Wuhan urban core: 78,915 nodes, 158,782 arcs."""
    return read(DATA / "wuhan_8989_original.parquet", name="wuhan")


def tiled(network: Network) -> Network:
    """
    Three by three copies with seams: 710,235 nodes, 1,429,998 arcs. Semi-synthetic: streets are real, seams are not.

    Each copy is shifted by the extent plus 500 m; of the 400 nodes nearest a shared border on either side the 40
    shortest pairs are joined both ways at 15 m/s.
    """
    per_lon, per_lat = 95_900.0, 110_880.0  # metres a degree at 30.6 N, enough for a seam
    lon, lat = np.asarray(network.node_lon), np.asarray(network.node_lat)
    width = lon.max() - lon.min() + 500 / per_lon
    height = lat.max() - lat.min() + 500 / per_lat
    n, s, v = network.node_count, network.segment_count, len(network.shape_lon)
    cells = [(r, c) for r in range(3) for c in range(3)]
    seams: list[tuple[int, int, float]] = []
    for r, c in cells:
        for side, (dr, dc) in (("east", (0, 1)), ("north", (1, 0))):
            if r + dr > 2 or c + dc > 2:
                continue
            key = lon if side == "east" else lat
            near, far = np.argsort(-key)[:400], np.argsort(key)[:400]
            a = np.column_stack([(lon[near]) * per_lon, lat[near] * per_lat])
            b = np.column_stack([(lon[far] + dc * width) * per_lon, (lat[far] + dr * height) * per_lat])
            gap, index = cKDTree(b).query(a)
            for k in np.argsort(gap)[:40]:
                here, there = (3 * r + c) * n + near[k], (3 * (r + dr) + c + dc) * n + far[index[k]]
                seams.append((int(here), int(there), float(gap[k])))
    big_lon = np.concatenate([lon + c * width for r, c in cells])
    big_lat = np.concatenate([lat + r * height for r, c in cells])
    seam = np.asarray([(a, b) for a, b, _ in seams], np.int64)
    length = np.asarray([d for _, _, d in seams])
    k = len(seams)

    def columns(name: str, fill: float) -> np.ndarray:
        values = np.asarray(getattr(network, name))
        return np.concatenate([np.tile(values, 9), np.full(k, fill, values.dtype)])

    tail = np.concatenate([*[np.asarray(network.tail, np.int64) + i * n for i in range(9)], seam[:, 0], seam[:, 1]])
    head = np.concatenate([*[np.asarray(network.head, np.int64) + i * n for i in range(9)], seam[:, 1], seam[:, 0]])
    segment = np.concatenate(
        [*[np.asarray(network.arc_segment, np.int64) + i * s for i in range(9)], 9 * s + np.tile(np.arange(k), 2)]
    )
    forward = np.concatenate([np.tile(network.arc_forward, 9), np.ones(k, bool), np.zeros(k, bool)])
    seam_ms = np.maximum(1, np.rint(length / 15 * 1000)).astype(np.uint32)
    time = np.concatenate([np.tile(network.time_ms, 9), seam_ms, seam_ms])
    order = np.lexsort((head, tail))
    shape_lon = np.concatenate([*[network.shape_lon + c * width for r, c in cells], big_lon[seam].ravel()])
    shape_lat = np.concatenate([*[network.shape_lat + r * height for r, c in cells], big_lat[seam].ravel()])
    offset = np.concatenate(
        [*[np.asarray(network.shape_offset[:-1]) + i * v for i in range(9)], 9 * v + 2 * np.arange(k + 1)]
    )
    counts = np.bincount(tail, minlength=9 * n)
    return dataclasses.replace(
        network,
        name="wuhan x 9 (semi-synthetic)",
        node_lon=big_lon,
        node_lat=big_lat,
        first_arc=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        tail=tail[order].astype(np.int32),
        head=head[order].astype(np.int32),
        time_ms=time[order],
        arc_segment=segment[order].astype(np.int32),
        arc_forward=forward[order],
        length_m=np.concatenate([np.tile(network.length_m, 9), length]),
        speed_kmh=columns("speed_kmh", 54.0),
        road_class=columns("road_class", 4),
        lanes=columns("lanes", 1),
        max_height_m=columns("max_height_m", np.nan),
        max_weight_t=columns("max_weight_t", np.nan),
        max_width_m=columns("max_width_m", np.nan),
        capacity_veh_h=columns("capacity_veh_h", np.nan),
        way_id=columns("way_id", 0),
        name_id=columns("name_id", 0),
        flags=columns("flags", 0),
        shape_offset=offset,
        shape_lon=shape_lon,
        shape_lat=shape_lat,
        report={},
    ).checked()
