"""What was done about it? Decisions, orders, teams and closures, in sentences of a report."""

from dataclasses import dataclass, field
from typing import Any

from scenarios.events import Entry
from scenarios.reports import computed
from scenarios.reports.book import Book, happened, moment, term
from scenarios.reports.forms import Line

RESOURCES = 10


@dataclass(slots=True)
class _Order:
    """An order as its entries tell it."""

    said: dict[str, Any]
    state: str = "draft"
    at: str = ""
    sources: list[int] = field(default_factory=list)


def measures(book: Book) -> list[Line]:
    """Response, decisions, orders, teams, closed roads: what was done, never what was only proposed."""
    known = book.situation
    lines = []
    if known.response_level is not None:
        at = book.last("response_level_set")
        lines.append(Line("response", {"level": term(f"response.{known.response_level}")}, at))
    lines += decisions(book)
    lines += orders(book)
    lines += _teams(book)
    lines += _evacuated(book)
    return [*lines, *_closures(book)]


def decisions(book: Book) -> list[Line]:
    """Decisions with their reason, each followed by the response cards it cites, in the version that was read."""
    cited: dict[str, list[Entry]] = {}
    for entry in book.every("card_cited"):
        cited.setdefault(str(entry.payload.get("decision_id", "")), []).append(entry)
    lines = []
    for entry in book.every("decision_recorded"):
        code = "decision" if entry.payload.get("reason") else "decision_bare"
        values = {
            "at": moment(happened(entry)), "text": entry.payload["text"], "reason": entry.payload.get("reason", ""),
        }  # fmt: skip
        lines.append(Line(code, values, (entry.seq,)))
        cards = cited.get(str(entry.payload.get("decision_id") or f"D-{entry.seq}"), [])
        if cards:
            names = "、".join(f"{one.payload['title']} v{one.payload['version']}" for one in cards)
            lines.append(Line("decision_cards", {"cards": names}, tuple(one.seq for one in cards)))
    return lines


def options(book: Book) -> list[Line]:
    """Options considered in the decisions, the chosen ones marked."""
    lines = []
    for entry in book.every("decision_recorded"):
        for one in entry.payload.get("options") or ():
            said = one if isinstance(one, dict) else {"title": str(one)}
            code = "option_chosen" if said.get("chosen") else "option"
            text = "：".join(part for part in (said.get("title", ""), said.get("text", "")) if part)
            lines.append(Line(code, {"text": text}, (entry.seq,)))
    return lines


def orders(book: Book) -> list[Line]:
    """Every order that was issued: to whom, what, by when, and how far it is."""
    lines = []
    for one in _orders(book).values():
        if one.state == "draft":
            continue
        said = one.said
        values = {
            "unit": said.get("unit_name", ""), "text": said.get("text", ""), "state": term(f"report.order.{one.state}"),
            "at": moment(one.at),
        }  # fmt: skip
        if said.get("due_at"):
            lines.append(Line("order_due", {**values, "due": moment(said["due_at"])}, tuple(one.sources)))
        else:
            lines.append(Line("order", values, tuple(one.sources)))
    return lines


def _orders(book: Book) -> dict[str, _Order]:
    found: dict[str, _Order] = {}
    for entry in book.every("order_drafted", "order_rewritten", "order_moved"):
        order_id = str(entry.payload.get("order_id", ""))
        if entry.kind == "order_drafted":
            found[order_id] = _Order(entry.payload, at=happened(entry).isoformat(), sources=[entry.seq])
        elif order_id in found:
            one = found[order_id]
            if entry.kind == "order_rewritten":
                one.said = entry.payload.get("draft", one.said)
            else:
                one.state, one.at = str(entry.payload.get("to", one.state)), happened(entry).isoformat()
            one.sources = [one.sources[0], entry.seq]
    return found


def _teams(book: Book) -> list[Line]:
    known, lines = book.situation, list[Line]()
    taken = [entry for entry in book.every("team_taken") if any(
        one.team_id == entry.payload["team_id"] for one in known.taken)]  # fmt: skip
    if taken:
        names = [str(entry.payload["name"]) for entry in taken]
        lines.append(
            Line("teams_taken", {"count": len(taken), "names": "、".join(names)}, tuple(entry.seq for entry in taken))
        )
    arrived = book.every("team_arrived")
    if arrived:
        names = [str(entry.payload["name"]) for entry in arrived]
        first = moment(arrived[0].payload["arrived_at"])
        values = {"count": len(arrived), "names": "、".join(names), "at": first}
        lines.append(Line("teams_arrived", values, tuple(entry.seq for entry in arrived)))
    return lines


def _evacuated(book: Book) -> list[Line]:
    counted = book.every("evacuation_counted")
    if not counted:
        return []
    last = counted[-1]
    values = {"people": last.payload["people"], "sheltered": last.payload.get("sheltered", 0),
              "at": moment(last.payload["counted_at"])}  # fmt: skip
    return [Line("evacuated", values, (last.seq,))]


def _closures(book: Book) -> list[Line]:
    held = [one for one in book.situation.closures if one.lifted_seq is None]
    lines = []
    if held:
        names = "、".join(dict.fromkeys(one.name for one in held if one.name))
        sources = tuple(one.first_seq for one in held)
        code = "closures" if names else "closures_unnamed"
        lines.append(Line(code, {"count": len(held), "names": names}, sources))
    return lines


def resources(book: Book) -> list[Line]:
    """Teams with their way: name, kind, minutes, length."""
    routes = book.situation.routes
    if routes is None:
        return _teams(book)
    at = book.of_run("routes_proposed", routes.run_id)
    found = [one["properties"] for one in routes.routes.get("features", []) if one["properties"].get("status") == "ok"]
    found.sort(key=lambda one: float(one.get("travel_time_s") or 0))
    lines = [
        Line(
            "team",
            {"name": one["name"], "kind": term(f"team.{one.get('kind')}"), "seconds": one["travel_time_s"],
             "length_m": one["length_m"]},
            at,
        )
        for one in found[:RESOURCES]
    ]  # fmt: skip
    if len(found) > RESOURCES:
        lines.append(Line("teams_more", {"count": len(found) - RESOURCES}, at))
    return [*_teams(book), *lines]


def open_items(book: Book) -> list[Line]:
    """What is still open: a doubted run, orders not yet done, people left over, a grade nobody confirmed."""
    known, lines = book.situation, list[Line]()
    if known.run is not None and known.run.stale_since:
        lines.append(Line("run_doubted", {"entry": known.run.stale_since}, (known.run.stale_since,)))
    running = [one for one in _orders(book).values() if one.state in ("issued", "acknowledged", "under_way")]
    if running:
        sources = tuple(one.sources[-1] for one in running)
        lines.append(Line("orders_open", {"count": len(running)}, sources))
    lines += [line for line in computed.evacuation(book) if line.say == "left_over"]
    if known.accident_grade is None and known.accident_grade_suggested is not None:
        lines.append(Line("grade_open", {}, book.last("grade_suggested")))
    return lines
