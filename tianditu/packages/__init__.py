"""Offline packages of tiles: what a bureau hands over on a disk stands in when no server answers."""
