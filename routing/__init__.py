"""Who goes where, on which roads: networks, closures, dispatch, reach and evacuation."""
