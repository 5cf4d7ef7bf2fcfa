"""Where may people walk? Along every street in both directions, whatever its one-way sign says to cars."""

import dataclasses

import numpy as np

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
    """The network with an arc in each direction on every segment; segments and nodes stay, arc ids do not."""
    kept: Network | None = network.__dict__.get("both_ways")
    if kept is None:
        ahead = np.zeros((network.segment_count, 2), bool)
        ahead[network.arc_segment, np.asarray(network.arc_forward).astype(int)] = True
        missing = ~ahead[network.arc_segment, 1 - np.asarray(network.arc_forward).astype(int)]
        # Copies made for turn restrictions bring several arcs on one segment; each gets its opposite.
        twins = np.flatnonzero(missing)
        tail = np.concatenate([network.tail, np.asarray(network.head)[twins]])
        head = np.concatenate([network.head, np.asarray(network.tail)[twins]])
        order = np.lexsort((head, tail))
        arc = np.concatenate([np.arange(network.arc_count), twins])[order]
        forward = np.concatenate([network.arc_forward, ~np.asarray(network.arc_forward)[twins]])[order]
        counts = np.bincount(tail, minlength=network.node_count)
        kept = dataclasses.replace(
            network,
            first_arc=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            tail=tail[order],
            head=head[order],
            time_ms=np.asarray(network.time_ms)[arc],
            arc_segment=np.asarray(network.arc_segment)[arc],
            arc_forward=forward,
        ).checked()
        network.__dict__["both_ways"] = kept
    return kept
