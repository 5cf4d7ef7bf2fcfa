"""Which process of this machine answers at an address, and how much memory does it hold?"""

import math
from pathlib import Path
from urllib.parse import urlsplit

import psutil


def server_process(origin: str) -> int | None:
    """Number of the process that listens at the port of an address; None where it is not on this machine."""
    address = urlsplit(origin)
    port = address.port or (443 if address.scheme == "https" else 80)
    if address.hostname not in ("127.0.0.1", "localhost", "::1"):
        return None
    listening = (one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN)
    return next((one.pid for one in listening if one.laddr.port == port), None)


def resident_mb(pid: int | None) -> float:
    """Memory of a process, MB; NaN when there is none to look at."""
    if pid is None:
        return math.nan
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
