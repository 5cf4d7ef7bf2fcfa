"""Is this text JSON that can be read at all, however deep it is nested and however long its numbers are?"""

import json
from typing import Any

from gis.errors import InputError


def read(content: bytes | str, what: str) -> Any:
    """
    Value of a message or file somebody else wrote.

    Parameters
    ----------
    what
        What it is called in the sentence about it: ``message``, ``GeoJSON file``.

    Raises
    ------
    InputError
        Not JSON in UTF-8, nested deeper than can be followed, or with a whole number of thousands of digits. For the
        last two `json.loads` raises what is no JSONDecodeError, and for the depth not even a ValueError.
    """
    try:
        return json.loads(content.decode("utf-8-sig") if isinstance(content, bytes) else content)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise InputError(f"{what}: not JSON that can be read ({reason})") from error
