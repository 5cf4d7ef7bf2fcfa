"""What is one browser page looking at? The few values every view follows."""

import param


class State(param.Parameterized):
    """Chosen incident, moment, language and theme of one page; nothing that could be read from the record."""

    incident_id = param.String(default="", doc="Empty while there is no incident.")
    moment = param.String(default="", doc="ISO time looked at; empty follows the present.")
    language = param.Selector(default="zh", objects=["zh", "en"])
    theme = param.Selector(default="dark", objects=["dark", "light"])
