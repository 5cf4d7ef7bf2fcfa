"""How many tiles are drawn when one is asked for?"""

from layers import tiles


def test_neighbours_nobody_asked_for_are_drawn_only_where_they_are_nearly_free() -> None:
    assert tiles.block_edge("camera", 12) == tiles.BLOCK_EDGE
    assert tiles.block_edge("camera", 12, tiles.CROWDED_ROWS - 1) == tiles.BLOCK_EDGE
    assert tiles.block_edge("camera", 12, tiles.CROWDED_ROWS) == 1
    # A block of the whole city reads each row once, however many they are.
    assert tiles.block_edge("camera", tiles.WHOLE_CITY_ZOOM, 1_000_000) == tiles.BLOCK_EDGE


def test_a_version_says_how_many_rows_it_is_of() -> None:
    assert tiles.rows_of("2310-1000000-3-0-0-0") == 1_000_000
    assert tiles.rows_of("None-0-0-0-0-0") == 0
    assert tiles.rows_of("known 2026-11-23T02:00:00+00:00") == 0
    assert tiles.rows_of("") == 0
