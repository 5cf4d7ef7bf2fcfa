"""What may a part of the duty desk use of its page? Its views, its state, and how to draw anew; never another part."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Hashable
from datetime import datetime
from uuid import UUID

from command_ui.console import components
from command_ui.console.act import Json
from command_ui.console.shell import ShellPage


class DeskFrame(ShellPage):
    """The duty desk as its parts know it; `command_ui.console.desk_page.DeskPage` puts the parts in."""

    queue: components.Queue
    map: components.MapView
    inspector: components.Inspector
    timeline: components.Timeline
    intake_view: components.Intake
    pulling: asyncio.Lock
    known_from: datetime | None

    @abstractmethod
    async def work[T](self, shared: bool, name: str, work: Callable[[], T], *of: Hashable) -> T:
        """Do blocking work in a thread; where `shared`, once for all pages that would get the same answer."""

    @abstractmethod
    async def pull_incidents(self, *, choose: bool = False, shared: bool = False) -> None:
        """Draw the queue; choose the first open incident where none is chosen."""

    @abstractmethod
    async def pull_scene(self, *, shared: bool = False) -> None:
        """Draw the chosen incident at the moment looked at."""

    @abstractmethod
    async def pull_alarms(self) -> None:
        """Draw the alarms as they stand after what this officer did."""

    @abstractmethod
    async def answer(self, answer: Json) -> None:
        """Hand a dialog of the inspector its answer, and draw what it may have changed."""

    @abstractmethod
    async def open_incident(self, incident_id: UUID) -> None:
        """Look at another incident."""

    @abstractmethod
    async def open_nothing(self) -> None:
        """Look at no incident."""

    @abstractmethod
    async def look_at(self, moment: str) -> None:
        """Draw what was known at a moment, an ISO time; empty follows the present."""

    @abstractmethod
    async def dossier(self, layer: str, row: str) -> Json:
        """Card of one row as the map shows it."""
