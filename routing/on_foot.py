"""Where may people walk? Along every street in both directions, whatever its one-way sign says to cars."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from routing.guards import hours_by_vehicle
from routing.network import Network
from routing.profiles import Profile
from routing.view import View


def walkable(view: View, vehicle: Profile) -> View:
    """The view itself for vehicles; for people on foot the same closures on the network with both directions."""
    if not vehicle.on_foot:
        return view
    kept: View | None = view.__dict__.get("walkable")
    if kept is None:
        network = both_ways(view.network)
        # A road closed to cars in one direction only, by a report, stays open to walkers.
        segment = np.ones(view.network.segment_count, bool)
        segment[view.network.arc_segment[~view.closed]] = False
        kept = View(network, segment[network.arc_segment], view.area, view.report, view.conditions)
        view.__dict__["walkable"] = kept
    return kept


def both_ways(network: Network) -> Network:
    """
    The network with one arc in each direction on every segment; segments and nodes stay, arc ids do not.

    Copies of nodes made for turn restrictions are left aside: those bind drivers only.
    """
    kept: Network | None = network.__dict__.get("both_ways")
    if kept is None:
        n, s = network.node_count, network.segment_count
        segment, forward = np.asarray(network.arc_segment, np.int64), np.asarray(network.arc_forward)
        plain = plain_nodes(network)
        tail, head = plain[network.tail], plain[network.head]
        start, end = np.empty(s, np.int64), np.empty(s, np.int64)
        start[segment], end[segment] = np.where(forward, tail, head), np.where(forward, head, tail)
        time = np.empty(s, network.time_ms.dtype)
        time[segment] = network.time_ms
        tail, head = np.concatenate([start, end]), np.concatenate([end, start])
        order = np.lexsort((head, tail))
        counts = np.bincount(tail, minlength=n)
        kept = dataclasses.replace(
            network,
            first_arc=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            tail=tail[order].astype(np.int32),
            head=head[order].astype(np.int32),
            time_ms=np.tile(time, 2)[order],
            arc_segment=np.tile(np.arange(s), 2)[order].astype(np.int32),
            arc_forward=np.repeat([True, False], s)[order],
            guard_arc=np.empty(0, np.int32),
            guard_hours=hours_by_vehicle([]),
        ).checked()
        network.__dict__["both_ways"] = kept
    return kept


def plain_nodes(network: Network) -> NDArray[np.int64]:
    """The node each node stands for, shape ``(n,)``: itself, or the crossing it was copied from for a restriction."""
    kept: NDArray[np.int64] | None = network.__dict__.get("plain_nodes")
    if kept is None:
        n, s = network.node_count, network.segment_count
        # Arcs on one segment in one direction differ only by copies, which come behind their node in the numbering.
        key = 2 * np.asarray(network.arc_segment, np.int64) + np.asarray(network.arc_forward)
        plain = np.arange(n)
        for end_node in (network.tail, network.head):
            least = np.full(2 * s, n, np.int64)
            np.minimum.at(least, key, np.asarray(end_node, np.int64))
            np.minimum.at(plain, end_node, least[key])
        kept = network.__dict__["plain_nodes"] = plain[plain]
    return kept
