"""What does one bit of an arc's flags mean?"""

from typing import Final

BRIDGE: Final = 1
TUNNEL: Final = 2
ROUNDABOUT: Final = 4
ONEWAY: Final = 8
ONEWAY_INFERRED: Final = 16
SPEED_INFERRED: Final = 32
LANES_INFERRED: Final = 64
ACCESS_NO: Final = 128
ACCESS_PRIVATE: Final = 256
FOOT_NO: Final = 512
BARRIER_GATE: Final = 1024
"""A gate, lift gate or chain: emergency crews open it, others do not pass."""
BARRIER_HARD: Final = 2048
"""Bollard, block: only people on foot pass."""
EMERGENCY_YES: Final = 4096
BUS_YES: Final = 8192
TOLL: Final = 32768
LORRY_NO: Final = 65536
"""No lorries at any hour, or only those with business there."""
LORRY_HOURS_SHIFT: Final = 17
"""From here twelve bits, one for each two hours of the day, in which no lorry may pass."""
LORRY_HOURS: Final = 0xFFF << LORRY_HOURS_SHIFT
HAZMAT_NO: Final = 1 << 29


def lorry_hour(hour: int) -> int:
    """Bit of the two hours that hold `hour`."""
    return 1 << (LORRY_HOURS_SHIFT + hour // 2)
