"""What is a message between a page and its browser, and what does the page do about one?"""

from collections.abc import Callable, Coroutine
from typing import Any

Json = dict[str, Any]
Act = Callable[[Json], Coroutine[Any, Any, None]]
"""Done about one kind of message, on the event loop of the page."""
