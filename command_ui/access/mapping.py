"""Which account fields and rights follow from what an identity provider says of a person?"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from command_ui.access.administration import Grant
from command_ui.access.roles import ADMINISTRATORS, Label, Role
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION
from gis.errors import InputError
from gis.provenance import Mode

_Text = Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class GrantRule:
    """Whoever has `value` in the claim `claim` gets `role`; the divisions stand here or in a claim of their own."""

    claim: str
    value: str
    role: Role
    division: str
    division_claim: str
    clearance: Label
    mode: Mode
    unit_id: str

    def grant(self, claims: Mapping[str, Any]) -> Grant | None:
        """Give the rights if the claims meet the rule and name divisions that can be; else None."""
        if self.value not in _values(claims.get(self.claim)):
            return None
        code = str(claims.get(self.division_claim, "")) if self.division_claim else self.division
        if not _is_code(code):
            return None
        low, high = range_of(code)
        given = Grant(self.role, low, high, self.clearance, self.mode, self.unit_id)
        return None if given.faults() else given


@dataclass(frozen=True, slots=True)
class ClaimMapping:
    """
    How claims become an account.

    Attributes
    ----------
    name, display_name, person
        Claims that hold the account's name, the full name and the number of the person; empty = not used.
    second_factors
        Values of `amr` (RFC 8176) that are believed to be a second factor shown at the provider.
    rules
        First one that fits gives the rights; none at all = rights are given here by the security administrator.
    """

    name: str = "preferred_username"
    display_name: str = "name"
    person: str = ""
    second_factors: frozenset[str] = frozenset()
    rules: tuple[GrantRule, ...] = ()

    def text(self, claims: Mapping[str, Any], claim: str) -> str:
        """Give a claim as a line of text of at most 64 characters; what is no line is empty."""
        value = claims.get(claim) if claim else None
        line = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        return line if line.isprintable() and len(line) <= 64 else ""

    def grant(self, claims: Mapping[str, Any]) -> Grant | None:
        """Give the rights of the first rule that fits."""
        return next((given for rule in self.rules if (given := rule.grant(claims)) is not None), None)

    def has_second_factor(self, claims: Mapping[str, Any]) -> bool:
        """Tell whether the provider says that a second factor was shown there."""
        return bool(self.second_factors & set(_values(claims.get("amr"))))


def range_of(code: str) -> tuple[str, str]:
    """
    Half-open range of codes that belong to a division (GB/T 2260: province, city, county in two digits each).

    Examples
    --------
    >>> range_of("990100")
    ('990100', '990200')
    """
    if code == LOWEST_DIVISION:
        return LOWEST_DIVISION, HIGHEST_DIVISION
    width = 10_000 if code.endswith("0000") else 100 if code.endswith("00") else 1
    return code, min(f"{int(code) + width:06d}", HIGHEST_DIVISION)


def read(path: Path | None) -> ClaimMapping:
    """
    Read the mapping file (TOML); None gives the usual claims and no rights.

    Raises
    ------
    InputError
        Every fault of it, with the place.
    """
    if path is None:
        return ClaimMapping()
    try:
        written = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InputError(f"ONEMAP_OIDC_MAPPING: {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from None
    except ValidationError as error:
        places = ((".".join(str(part) for part in fault["loc"]), fault["msg"]) for fault in error.errors())
        raise InputError(f"{path}: {place}: {why}" for place, why in places) from None
    grants = enumerate(written.grant, start=1)
    if faults := [f"{path}: grant {number}: {fault}" for number, one in grants for fault in one.faults()]:
        raise InputError(faults)
    account = written.account
    return ClaimMapping(
        account.name,
        account.display_name,
        account.person,
        frozenset(written.second_factor.amr),
        tuple(GrantRule(**one.model_dump()) for one in written.grant),
    )


def _values(claim: object) -> tuple[str, ...]:
    if isinstance(claim, str):
        return (claim,)
    return tuple(str(one) for one in claim) if isinstance(claim, list) else ()


def _is_code(code: str) -> bool:
    return len(code) == 6 and code.isascii() and code.isdigit()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Account(_Strict):
    name: str = "preferred_username"
    display_name: str = "name"
    person: str = ""


class _SecondFactor(_Strict):
    amr: tuple[_Text, ...] = ()


class _Grant(_Strict):
    claim: _Text
    value: _Text
    role: Role
    division: str = ""
    division_claim: str = ""
    clearance: Label = "public"
    mode: Mode = "live"
    unit_id: str = ""

    def faults(self) -> list[str]:
        if self.role in ADMINISTRATORS:
            return [f"role: '{self.role}' is given by hand to a person known by number, never by a mapping"]
        if bool(self.division) == bool(self.division_claim):
            return ["give either division or division_claim"]
        if self.division and not _is_code(self.division):
            return ["division: give a code of six digits (GB/T 2260)"]
        low, high = range_of(self.division or "990100")
        return Grant(self.role, low, high, self.clearance, self.mode, self.unit_id).faults()


class _File(_Strict):
    account: _Account = _Account()
    second_factor: _SecondFactor = _SecondFactor()
    grant: tuple[_Grant, ...] = ()
