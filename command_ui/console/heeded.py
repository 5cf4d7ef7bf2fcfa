"""Does a callback always run that one thread adds while another lets a document's held changes go?"""

from bokeh.document.callbacks import DocumentCallbackManager
from bokeh.document.events import DocumentChangedEvent, SessionCallbackAdded, SessionCallbackRemoved

_hold_or_dispatch = DocumentCallbackManager.trigger_on_change


def _dispatch_callbacks_at_once(self: DocumentCallbackManager, event: DocumentChangedEvent) -> None:
    if not isinstance(event, SessionCallbackAdded | SessionCallbackRemoved):
        _hold_or_dispatch(self, event)
    elif self._document() is not None:
        for change in self.change_callbacks():
            change(event)


def heed_every_callback() -> None:
    """
    Keep Bokeh (3.10) from holding back the news of a callback together with the changes of a document.

    Changes are held in a list without a lock. What a thread appends at the instant another takes the list away is
    forgotten: a lost change is repaired by the next one, but a lost callback never runs, and whoever waits for it waits
    for ever. Callbacks are no changes; a session takes them from any thread. Calling this twice does no harm.
    """
    DocumentCallbackManager.trigger_on_change = _dispatch_callbacks_at_once  # type: ignore[method-assign]
