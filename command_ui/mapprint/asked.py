"""Which layers are filtered and how strongly are they drawn, as an address or a command line says it?"""

from collections.abc import Iterable

from gis.errors import InputError


def by_layer(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """
    Conditions by the layer named before the first ``~``.

    Examples
    --------
    >>> by_layer(["shelter~name~甲", "shelter~capacity>=100"])
    {'shelter': ('name~甲', 'capacity>=100')}
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        key, _, condition = text.partition("~")
        found[key] = (*found.get(key, ()), condition)
    return found


def shares(texts: Iterable[str]) -> dict[str, float]:
    """
    Opacity by layer, each given as LAYER~SHARE with a share from 0 to 1.

    Raises
    ------
    InputError
        One is written otherwise, or a layer stands twice; every fault at once.

    Examples
    --------
    >>> shares(["shelter~0.4", "risk_grid~1"])
    {'shelter': 0.4, 'risk_grid': 1.0}
    """
    found: dict[str, float] = {}
    faults = []
    for text in texts:
        key, _, share = text.partition("~")
        try:
            value = float(share)
        except ValueError:
            value = -1.0
        if not key or not 0.0 <= value <= 1.0:
            faults.append(f"opacity: '{text}'; write LAYER~SHARE with a share from 0 to 1, such as shelter~0.4")
        elif key in found:
            faults.append(f"opacity: '{key}' stands twice")
        found[key] = value
    if faults:
        raise InputError(faults)
    return found
