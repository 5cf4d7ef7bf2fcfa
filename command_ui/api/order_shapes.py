"""Which shapes do orders, decisions and words of the field have on the way in and out?"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from command_ui.api import shapes
from scenarios.consultation.fold import room_of
from scenarios.decisions.desk import NewDecision
from scenarios.decisions.events import Option
from scenarios.decisions.fold import Decision
from scenarios.orders.desk import NewOrder, Said
from scenarios.orders.doubts import Doubt, of_order
from scenarios.orders.events import Attachment, Fix, Part, TimerCode, Way
from scenarios.orders.fold import FieldWord, Noted, Order, Step
from scenarios.orders.states import NEXT, State
from scenarios.orders.timers import OrderPolicy, due_at, policy_for, timers
from scenarios.orders.writing import LONGEST_S
from scenarios.situation import Situation

Json = dict[str, Any]
Text = Annotated[str, Field(max_length=2_000), AfterValidator(shapes.plain_line)]
Words = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(shapes.plain_line)]
RunIds = Annotated[tuple[shapes.Line, ...], Field(max_length=20)]
Seen = Annotated[int, Field(ge=0, le=2**53, description="Number of the last entry you saw")]


class AttachmentShape(shapes.Shape):
    """A file handed in before, as the answer to it named it."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    media_type: Annotated[str, Field(max_length=40)]
    size_bytes: Annotated[int, Field(ge=1, le=2**31)]
    name: Annotated[str, Field(max_length=120), AfterValidator(shapes.plain_line)] = ""


class FixShape(shapes.Shape):
    """Where the device says it was (WGS 84)."""

    longitude: shapes.Longitude
    latitude: shapes.Latitude
    accuracy_m: Annotated[float, Field(ge=0, le=1e6)] | None = None


Files = Annotated[tuple[AttachmentShape, ...], Field(max_length=10)]


class OrderIn(shapes.Shape):
    """
    An order. It is due at `due_at`, or `within_s` after it is issued, or at no time.

    `run_ids` are the runs it stands on, `relies_on` the parts of them (none named = all): when one of them no longer
    holds, the order is 待复核. `issue` issues it at once, else it stays a draft.
    """

    unit_name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(shapes.plain_line)]
    text: Words
    unit_id: Annotated[str, Field(max_length=64), AfterValidator(shapes.plain_line)] = ""
    place: shapes.Line = ""
    longitude: shapes.Longitude | None = None
    latitude: shapes.Latitude | None = None
    due_at: AwareDatetime | None = None
    within_s: Annotated[int, Field(ge=1, le=LONGEST_S)] | None = None
    run_ids: RunIds = ()
    relies_on: Annotated[tuple[Part, ...], Field(max_length=4)] = ()
    decision_id: Annotated[str, Field(max_length=64)] = ""
    plan_task: Annotated[str, Field(max_length=200), AfterValidator(shapes.plain_line)] = ""
    attachments: Files = ()

    def command(self) -> NewOrder:
        """Give the command."""
        fields = {name: getattr(self, name) for name in OrderIn.model_fields if name != "attachments"}
        return NewOrder(**fields, attachments=files(self.attachments))


Told = Annotated[Literal["", "text", "call"], Field(description="Tell the unit as well, once the order is issued.")]


class NewOrderIn(OrderIn):
    """An order that is written down, and issued at once where `issue` says so."""

    issue: bool = False
    notify: Told = ""


class RewrittenIn(OrderIn):
    """What a draft says from now on."""

    expected_seq: Seen


class SaidIn(shapes.Shape):
    """
    What goes with a step or note. `made_at` is when it was done, by the clock of the sender; `clock_off_s` is how far
    that clock was ahead of ours when it last saw ours.
    """

    text: Text = ""
    reason: Text = ""
    way: Way = "program"
    made_at: AwareDatetime | None = None
    clock_off_s: Annotated[float, Field(ge=-1e7, le=1e7, allow_inf_nan=False)] | None = None
    at: FixShape | None = None
    attachments: Files = ()

    def said(self) -> Said:
        """Give what was said."""
        return Said(
            text=self.text, reason=self.reason, way=self.way, made_at=self.made_at, clock_off_s=self.clock_off_s,
            at=Fix(**self.at.model_dump()) if self.at else None, attachments=files(self.attachments),
        )  # fmt: skip


class StepIn(SaidIn):
    """
    A step of an order. With `keep`, a step that comes too late is kept as a note instead of being refused: for acts
    that were made where there was no line. `notify` tells the unit of an order that is issued with this step.
    """

    to: State
    expected_seq: Seen | None = None
    keep: bool = False
    notify: Told = ""


class ReviewIn(shapes.Shape):
    """An order 待复核 stands, on the runs named."""

    reason: Words
    run_ids: RunIds = ()
    expected_seq: Seen


class FieldWordIn(SaidIn):
    """Somebody at the scene says something; `urgent` asks for help."""

    unit_id: Annotated[str, Field(max_length=64), AfterValidator(shapes.plain_line)] = ""
    unit_name: shapes.Line = ""
    urgent: bool = False


class AnswerIn(shapes.Shape):
    """What the desk answers to the field."""

    text: Words


class OptionShape(shapes.Shape):
    """One of the options considered."""

    title: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(shapes.plain_line)]
    text: Text = ""
    figures: Annotated[dict[shapes.Line, shapes.Line], Field(max_length=12)] = Field(default_factory=dict)
    chosen: bool = False


class CardShape(shapes.Shape):
    """A response card in the version that was read."""

    card_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]
    version: Annotated[int, Field(ge=1, le=100_000)]


class CitedOut(BaseModel):
    """A response card a decision rests on."""

    card_id: str
    version: int
    title: str
    seq: int


class DecisionIn(shapes.Shape):
    """
    A decision. `known_at` is the moment whose knowledge it stands on (null = now), `taken_at` when it was taken.

    Written down more than five minutes later it needs `late_reason`. `layers` null = what the database holds now.
    """

    role: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(shapes.plain_line)]
    text: Words
    reason: Words
    options: Annotated[tuple[OptionShape, ...], Field(max_length=10)] = ()
    run_ids: RunIds = ()
    layers: Json | None = None
    view: Json | None = None
    authority: shapes.Line = ""
    risk: Text = ""
    known_at: AwareDatetime | None = None
    taken_at: AwareDatetime | None = None
    late_reason: Text = ""
    cards: Annotated[tuple[CardShape, ...], Field(max_length=10, description="Response cards it rests on.")] = ()
    expected_seq: Seen

    @property
    def cited(self) -> tuple[tuple[str, int], ...]:
        """Cards and versions, each once."""
        return tuple(dict.fromkeys((one.card_id, one.version) for one in self.cards))

    def command(self) -> NewDecision:
        """Give the command."""
        names = set(DecisionIn.model_fields) - {"options", "expected_seq", "cards"}
        options = tuple(Option(**one.model_dump()) for one in self.options)
        return NewDecision(**{name: getattr(self, name) for name in names}, options=options)


class StrikeIn(shapes.Shape):
    """Why a decision is struck through."""

    reason: Words


class StepOut(BaseModel):
    """A step that was taken: when it was made, and when we wrote it."""

    to: State
    seq: int
    actor: str
    made_at: AwareDatetime
    recorded_at: AwareDatetime
    reason: str
    text: str
    way: str
    clock_off_s: float | None
    at: FixShape | None
    attachments: list[AttachmentShape]


class NoteOut(BaseModel):
    """Progress; `tried` is a step that came too late and was kept."""

    seq: int
    actor: str
    made_at: AwareDatetime
    recorded_at: AwareDatetime
    text: str
    way: str
    tried: State | None
    at: FixShape | None
    attachments: list[AttachmentShape]


class TimerOut(BaseModel):
    """A timer of an order; `escalated` when the next in line was told."""

    code: TimerCode
    started_at: AwareDatetime
    due_at: AwareDatetime
    met_at: AwareDatetime | None
    ended: bool
    escalated: bool


class DoubtOut(BaseModel):
    """What hangs on a run that no longer holds; `told` = somebody in the field acts on it now."""

    thing: Literal["run", "decision", "order"]
    id: str
    name: str
    run_id: str
    since_seq: int
    since: AwareDatetime | None
    why: str
    reason: str
    told: bool


class OrderOut(BaseModel):
    """An order as it stands; `next` are the steps that may follow, `consultation` the one it was written in."""

    order_id: str
    name: str
    state: State
    next: list[State]
    unit_id: str
    unit_name: str
    text: str
    place: str
    longitude: float | None
    latitude: float | None
    due_at: AwareDatetime | None
    within_s: int | None
    run_ids: list[str]
    relies_on: list[Part]
    decision_id: str
    decision: str
    plan_task: str
    attachments: list[AttachmentShape]
    drafted_by: str
    drafted_at: AwareDatetime
    seq: int
    consultation: str
    steps: list[StepOut]
    notes: list[NoteOut]
    timers: list[TimerOut]
    doubt: DoubtOut | None


class WordOut(BaseModel):
    """What the field said, and the number of the answer to it."""

    seq: int
    actor: str
    unit_id: str
    unit_name: str
    text: str
    urgent: bool
    made_at: AwareDatetime
    recorded_at: AwareDatetime
    at: FixShape | None
    attachments: list[AttachmentShape]
    answered_seq: int | None


class DecisionOut(BaseModel):
    """A decision and its place in the chain; `struck_by` struck it through, in `consultation` it was taken."""

    decision_id: str
    name: str
    seq: int
    actor: str
    role: str
    authority: str
    text: str
    reason: str
    risk: str
    options: list[OptionShape]
    run_ids: list[str]
    layers: Json
    view: Json | None
    known_at: AwareDatetime
    taken_at: AwareDatetime
    recorded_at: AwareDatetime
    late_reason: str
    prev_hash: str
    hash: str
    struck_by: int | None
    orders: list[str]
    consultation: str
    cards: list[CitedOut]


def files(given: tuple[AttachmentShape, ...]) -> tuple[Attachment, ...]:
    """Attachments as the record keeps them."""
    return tuple(Attachment(**one.model_dump()) for one in given)


def order_out(order: Order, known: Situation, policies: tuple[OrderPolicy, ...]) -> OrderOut:
    """Write an order."""
    draft, doubt = order.draft, of_order(order, known.runs)
    decision = next((one for one in known.decisions if one.decision_id == draft.decision_id), None)
    return OrderOut(
        order_id=order.order_id, name=order.name, state=order.state, next=list(NEXT[order.state]),
        unit_id=draft.unit_id, unit_name=draft.unit_name, text=draft.text, place=draft.place,
        longitude=draft.longitude, latitude=draft.latitude, due_at=due_at(order), within_s=draft.within_s,
        run_ids=list(order.run_ids), relies_on=list(draft.relies_on), decision_id=draft.decision_id,
        decision=decision.name if decision else "", plan_task=draft.plan_task,
        attachments=_files_out(draft.attachments), drafted_by=order.drafted_by, drafted_at=order.drafted_at,
        seq=order.seq, consultation=room_of(known.consultations, order.order_id),
        steps=[_step(one) for one in order.steps], notes=[_note(one) for one in order.notes],
        timers=[
            TimerOut(
                code=one.code, started_at=one.started_at, due_at=one.due_at, met_at=one.met_at, ended=one.ended,
                escalated=(one.code, one.due_at) in order.escalated,
            )
            for one in timers(order, policy_for(known.division_code, policies))
        ],
        doubt=doubt_out(doubt, known) if doubt else None,
    )  # fmt: skip


def doubt_out(one: Doubt, known: Situation) -> DoubtOut:
    """Write a doubt with the reason the entry gave that caused it."""
    at = one.since_seq - 1
    entry = known.entries[at] if 0 <= at < len(known.entries) else None
    return DoubtOut(
        thing=one.thing, id=one.id, name=one.name, run_id=one.run_id, since_seq=one.since_seq,
        since=entry.recorded_at if entry else None, why=one.why,
        reason=str(entry.payload.get("reason", "")) if entry else "", told=one.told,
    )  # fmt: skip


def word_out(one: FieldWord) -> WordOut:
    """Write what the field said."""
    said = one.said
    return WordOut(
        seq=one.seq, actor=one.actor, unit_id=said.unit_id, unit_name=said.unit_name, text=said.text,
        urgent=said.urgent, made_at=one.made_at, recorded_at=one.recorded_at, at=_fix(said.at),
        attachments=_files_out(said.attachments), answered_seq=one.answered_seq,
    )  # fmt: skip


def decision_out(one: Decision, known: Situation) -> DecisionOut:
    """Write a decision."""
    said = one.said
    options = [
        OptionShape.model_construct(title=it.title, text=it.text, figures=dict(it.figures), chosen=it.chosen)
        for it in one.options
    ]
    return DecisionOut(
        decision_id=one.decision_id, name=one.name, seq=one.seq, actor=one.actor, role=said.role,
        authority=said.authority, text=said.text, reason=said.reason, risk=said.risk, options=options,
        run_ids=list(said.run_ids), layers=dict(said.layers), view=said.view, known_at=one.known_at,
        taken_at=one.taken_at, recorded_at=one.recorded_at, late_reason=said.late_reason, prev_hash=one.prev_hash,
        hash=one.hash, struck_by=next((by for seq, by in known.struck if seq == one.seq), None),
        orders=[it.name for it in known.orders.all if it.draft.decision_id == one.decision_id],
        consultation=room_of(known.consultations, one.decision_id),
        cards=[
            CitedOut(card_id=it.card.card_id, version=it.card.version, title=it.card.title, seq=it.seq)
            for it in known.planning.cited
            if it.card.decision_id == one.decision_id
        ],
    )  # fmt: skip


def _step(one: Step) -> StepOut:
    said = one.said
    return StepOut(
        to=said.to, seq=one.seq, actor=one.actor, made_at=one.made_at, recorded_at=one.recorded_at, reason=said.reason,
        text=said.text, way=said.way, clock_off_s=said.clock_off_s, at=_fix(said.at),
        attachments=_files_out(said.attachments),
    )  # fmt: skip


def _note(one: Noted) -> NoteOut:
    said = one.said
    return NoteOut(
        seq=one.seq, actor=one.actor, made_at=one.made_at, recorded_at=one.recorded_at, text=said.text, way=said.way,
        tried=said.tried, at=_fix(said.at), attachments=_files_out(said.attachments),
    )  # fmt: skip


def _fix(at: Fix | None) -> FixShape | None:
    return None if at is None else FixShape(longitude=at.longitude, latitude=at.latitude, accuracy_m=at.accuracy_m)


def _files_out(kept: tuple[Attachment, ...]) -> list[AttachmentShape]:
    return [
        AttachmentShape(sha256=one.sha256, media_type=one.media_type, size_bytes=one.size_bytes, name=one.name)
        for one in kept
    ]
