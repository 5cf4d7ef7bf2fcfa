"""Which rows describe what moves between sites, and the risk that follows from the registers?"""

from datetime import date
from decimal import Decimal
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Numeric, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gis.crs import GEOGRAPHIC_SRID
from layers.tables import Base, BusinessRow, Placed

__all__ = ["Base", "ChemicalFlow", "RiskContour", "RiskGrid", "RiskTownship", "RiskUnit"]


def _area() -> Any:
    return mapped_column(Geometry("GEOMETRY", srid=GEOGRAPHIC_SRID, spatial_index=False))


class ChemicalFlow(BusinessRow, Base):
    """A consignment of a dangerous substance from one hazard source to another."""

    __tablename__ = "chemical_flow"
    name: Mapped[str]
    from_id: Mapped[str]
    from_name: Mapped[str]
    to_id: Mapped[str]
    to_name: Mapped[str]
    substance: Mapped[str]
    cas_number: Mapped[str]
    quantity_t: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    moved_on: Mapped[date]
    geometry: Mapped[WKBElement] = _area()


class RiskUnit(Placed, Base):
    """A view: the colour of a hazard source and what it follows from (rule of `layers.risk`)."""

    __tablename__ = "risk_unit"
    name: Mapped[str]
    substance: Mapped[str]
    score: Mapped[Decimal]
    risk_level: Mapped[int | None] = mapped_column(SmallInteger)
    working: Mapped[str]


class RiskArea:
    """What the two views of areas have in common."""

    name: Mapped[str]
    score: Mapped[Decimal]
    risk_level: Mapped[int | None] = mapped_column(SmallInteger)
    working: Mapped[str]
    geometry: Mapped[WKBElement] = _area()


class RiskGrid(RiskArea, BusinessRow, Base):
    """A view: the colour of one square kilometre."""

    __tablename__ = "risk_grid"


class RiskTownship(RiskArea, BusinessRow, Base):
    """A view: the colour of one township."""

    __tablename__ = "risk_township"


class RiskContour(BusinessRow, Base):
    """Where somebody who never leaves is in danger of life at least so often a year, from all units together."""

    __tablename__ = "risk_contour"
    name: Mapped[str]
    frequency_per_year: Mapped[float]
    units: Mapped[int]
    hours: Mapped[int]
    run: Mapped[dict[str, Any]] = mapped_column(JSONB)
    geometry: Mapped[WKBElement] = _area()
