"""What does a gateway's answer say? Read strictly: what is no answer of a gateway says nothing."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from scenarios.messages.gateway import GatewayDownError, Heard, Outcome


class Answer(BaseModel):
    """How a message stands; what else a gateway may say is not read."""

    model_config = ConfigDict(extra="ignore")

    state: Heard
    reason: Annotated[str, Field(max_length=2_000)] = ""
    text: Annotated[str, Field(max_length=20_000)] = ""
    duration_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    retry: bool = False
    at: AwareDatetime | None = None


def outcome_of(content: bytes) -> Outcome:
    """
    Read an answer.

    Raises
    ------
    GatewayDownError
        It is none.
    """
    try:
        said = Answer.model_validate_json(content)
    except ValidationError as error:
        raise GatewayDownError("what answers is no gateway: its answer cannot be read") from error
    return Outcome(said.state, _plain(said.reason)[:300], _plain(said.text)[:1_000], said.duration_s, said.retry,
                   said.at)  # fmt: skip


def _plain(said: str) -> str:
    """Words of a stranger without what no screen shows and no database text may hold."""
    return "".join(one for one in said if one.isprintable() or one == "\n").strip()
