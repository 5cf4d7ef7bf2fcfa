"""Which rows describe what is on the ground?"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, Computed, Identity, Numeric, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gis.crs import GEOGRAPHIC_SRID


class Base(DeclarativeBase):
    """Registry of the room's tables; the migrations, not this class, create them."""


def _point() -> Any:
    return mapped_column(Geometry("POINT", srid=GEOGRAPHIC_SRID, spatial_index=False))


def _area() -> Any:
    return mapped_column(Geometry("GEOMETRY", srid=GEOGRAPHIC_SRID, spatial_index=False))


def _world() -> Any:
    # The text of the expression stands in the migration; here it only says "the database fills this in".
    return mapped_column(Computed("NULL", persisted=True))


class BusinessRow:
    """When it was true, when we knew it, where it came from, whose it is and in which world it lives."""

    __table_args__: ClassVar[dict[str, str]] = {"schema": "layers"}

    row_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    id: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    source_system: Mapped[str]
    as_of: Mapped[datetime]
    ingested_at: Mapped[datetime]
    division_code: Mapped[str]
    label: Mapped[str]
    mode: Mapped[str]


class Placed(BusinessRow):
    """A business row at a point, with its place on the unit square of the tile pyramid."""

    risk_rank: Mapped[int] = mapped_column(SmallInteger)
    geometry: Mapped[WKBElement] = _point()
    world_x: Mapped[float] = _world()
    world_y: Mapped[float] = _world()


class Named(Placed):
    """A placed row found by name, full pinyin or initials."""

    name: Mapped[str]
    pinyin: Mapped[str]
    initials: Mapped[str]


class Enterprise(Named, Base):
    """An enterprise; its risk sectors are a set."""

    __tablename__ = "enterprise"
    short_name: Mapped[str]
    uscc: Mapped[str]
    address: Mapped[str]
    industry: Mapped[str]
    sectors: Mapped[list[str]] = mapped_column(ARRAY(Text))
    size_class: Mapped[str]
    above_scale: Mapped[bool]
    people: Mapped[int]
    on_shift: Mapped[int]
    safety_head: Mapped[str]
    duty_phone: Mapped[str]
    risk_level: Mapped[int | None] = mapped_column(SmallInteger)
    hazard_level: Mapped[int | None] = mapped_column(SmallInteger)


class HazardSource(Placed, Base):
    """A unit under GB 18218 with its substances, S, R and level."""

    __tablename__ = "hazard_source"
    name: Mapped[str]
    enterprise_id: Mapped[str]
    enterprise_name: Mapped[str]
    unit_kind: Mapped[str]
    substance: Mapped[str]
    un_number: Mapped[str]
    cas_number: Mapped[str]
    design_max_t: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    stock_t: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    substances: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    people_within_500m: Mapped[int]
    s_value: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    r_value: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    is_major: Mapped[bool]
    hazard_level: Mapped[int | None] = mapped_column(SmallInteger)


class ProtectionTarget(Named, Base):
    """A school, hospital, home for the aged, market …"""

    __tablename__ = "protection_target"
    kind: Mapped[str]
    people: Mapped[int]
    people_night: Mapped[int]
    address: Mapped[str]
    phone: Mapped[str]
    beds: Mapped[int | None]
    beds_free: Mapped[int | None]


class Shelter(Named, Base):
    """A place that takes people in."""

    __tablename__ = "shelter"
    level: Mapped[str]
    kind: Mapped[str]
    capacity: Mapped[int]
    occupancy: Mapped[int]
    effective_area_m2: Mapped[Decimal] = mapped_column(Numeric(12, 1))
    indoor_gas_tight: Mapped[bool]
    manager: Mapped[str]
    phone: Mapped[str]


class RescueTeam(Named, Base):
    """A response team at its station."""

    __tablename__ = "rescue_team"
    kind: Mapped[str]
    people: Mapped[int]
    vehicles: Mapped[int]
    status: Mapped[str]
    phone: Mapped[str]


class Store(Named, Base):
    """A store of supplies; what lies in it is in `SupplyStock`."""

    __tablename__ = "store"
    owner: Mapped[str]
    manager: Mapped[str]
    phone: Mapped[str]


class SupplyStock(BusinessRow, Base):
    """One kind of supply in one store, coded by GB/T 38565."""

    __tablename__ = "supply_stock"
    store_id: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    unit: Mapped[str]
    readiness: Mapped[str]
    expires_on: Mapped[date | None]
    counted_on: Mapped[date]


class InventoryLedger(BusinessRow, Base):
    """A day's in, out and closing stock of a substance at a hazard source."""

    __tablename__ = "inventory_ledger"
    hazard_source_id: Mapped[str]
    substance: Mapped[str]
    ledger_day: Mapped[date]
    in_t: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    out_t: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    stock_t: Mapped[Decimal] = mapped_column(Numeric(12, 3))


class Camera(Placed, Base):
    """A camera and the sector it sees."""

    __tablename__ = "camera"
    name: Mapped[str]
    enterprise_id: Mapped[str | None]
    bearing_deg: Mapped[float]
    view_deg: Mapped[float]
    range_m: Mapped[float]
    status: Mapped[str]


class Tag(Placed, Base):
    """A measuring point with its thresholds and latest value."""

    __tablename__ = "tag"
    name: Mapped[str]
    enterprise_id: Mapped[str | None]
    place: Mapped[str]
    quantity: Mapped[str]
    unit: Mapped[str]
    threshold: Mapped[float | None]
    threshold_high: Mapped[float | None]
    interval_s: Mapped[int]
    last_value: Mapped[float | None]
    last_at: Mapped[datetime | None]
    status: Mapped[str]


class Alarm(Placed, Base):
    """An alarm with the time it happened and the time we knew; each change of its state is a row."""

    __tablename__ = "alarm"
    subject: Mapped[str | None]
    tag_id: Mapped[str | None]
    kind: Mapped[str]
    title: Mapped[str]
    place: Mapped[str]
    value: Mapped[float | None]
    unit: Mapped[str]
    threshold: Mapped[float | None]
    severity: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str]
    occurred_at: Mapped[datetime]
    known_at: Mapped[datetime]
    peak: Mapped[float | None]
    seen_to: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    reason: Mapped[str]
    escalated_at: Mapped[datetime | None]
    escalated_by: Mapped[str | None]
    incident_id: Mapped[UUID | None]


class WeatherObservation(Placed, Base):
    """What a weather station saw."""

    __tablename__ = "weather_observation"
    station_id: Mapped[str]
    station_name: Mapped[str]
    observed_at: Mapped[datetime]
    wind_from_deg: Mapped[float]
    wind_speed_m_s: Mapped[float]
    temperature_c: Mapped[float]
    relative_humidity: Mapped[float]
    stability: Mapped[str]
    status: Mapped[str]


class Division(BusinessRow, Base):
    """An administrative division; its business id is the division code."""

    __tablename__ = "division"
    name: Mapped[str]
    level: Mapped[str]
    parent_id: Mapped[str | None]
    geometry: Mapped[WKBElement] = _area()


class AdminZone(BusinessRow, Base):
    """A park or development zone, which is not a division."""

    __tablename__ = "admin_zone"
    name: Mapped[str]
    kind: Mapped[str]
    geometry: Mapped[WKBElement] = _area()


class PopulationCell(BusinessRow, Base):
    """People in one cell by day and by night."""

    __tablename__ = "population_cell"
    day: Mapped[int]
    night: Mapped[int]
    geometry: Mapped[WKBElement] = _area()


class RegisterRow(BusinessRow, Base):
    """A row of any mirrored register; what is particular to the register is in `attributes`."""

    __tablename__ = "register_row"
    register: Mapped[str]
    name: Mapped[str]
    enterprise_id: Mapped[str | None]
    uscc: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    due_on: Mapped[date | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    risk_rank: Mapped[int] = mapped_column(SmallInteger)
    geometry: Mapped[WKBElement | None] = _point()
    world_x: Mapped[float | None] = _world()
    world_y: Mapped[float | None] = _world()


class Rectification(BusinessRow, Base):
    """One state of a task to mend a defect of a register or a hidden danger on site."""

    __tablename__ = "rectification"
    origin: Mapped[str]
    subject_layer: Mapped[str]
    subject_id: Mapped[str]
    subject_name: Mapped[str]
    what: Mapped[str]
    owner: Mapped[str]
    due_at: Mapped[datetime]
    state: Mapped[str]
    note: Mapped[str]
    actor: Mapped[str]
    assigned_at: Mapped[datetime]
    assigned_by: Mapped[str]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]


class RegisterSync(Base):
    """One attempt to fetch a mirrored register."""

    __tablename__ = "register_sync"
    __table_args__ = {"schema": "layers"}  # noqa: RUF012 - the declarative base itself declares it so
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    register: Mapped[str]
    mode: Mapped[str]
    tried_at: Mapped[datetime]
    succeeded: Mapped[bool]
    source: Mapped[str]
    as_of: Mapped[datetime | None]
    rows: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    ended: Mapped[int]
    rejected: Mapped[int]
    fault: Mapped[str]
    actor: Mapped[str]


class DataImport(Base):
    """One import of a file into a layer."""

    __tablename__ = "data_import"
    __table_args__ = {"schema": "layers"}  # noqa: RUF012 - the declarative base itself declares it so
    id: Mapped[UUID] = mapped_column(primary_key=True)
    layer: Mapped[str]
    mode: Mapped[str]
    file_name: Mapped[str]
    content_key: Mapped[str]
    datum: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    began_at: Mapped[datetime]
    rows: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    aside: Mapped[int]
    actor: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class ImportAside(Base):
    """A row of a file that was not let in, with every reason."""

    __tablename__ = "import_aside"
    __table_args__ = {"schema": "layers"}  # noqa: RUF012 - the declarative base itself declares it so
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    import_id: Mapped[UUID]
    layer: Mapped[str]
    mode: Mapped[str]
    row_key: Mapped[str]
    row_number: Mapped[int]
    name: Mapped[str]
    division_code: Mapped[str]
    owner: Mapped[str]
    rules: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    raw: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    geometry: Mapped[WKBElement | None] = _point()


class BaseArea(Base):
    """A surface of the offline base map."""

    __tablename__ = "base_area"
    __table_args__ = {"schema": "layers"}  # noqa: RUF012 - the declarative base itself declares it so
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    network: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    min_zoom: Mapped[int] = mapped_column(SmallInteger)
    source_system: Mapped[str]
    as_of: Mapped[datetime]
    geometry: Mapped[WKBElement] = _area()


class BaseLine(Base):
    """A line of the offline base map."""

    __tablename__ = "base_line"
    __table_args__ = {"schema": "layers"}  # noqa: RUF012 - the declarative base itself declares it so
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    network: Mapped[str]
    road_class: Mapped[str] = mapped_column("class")
    name: Mapped[str]
    bridge: Mapped[bool]
    tunnel: Mapped[bool]
    min_zoom: Mapped[int] = mapped_column(SmallInteger)
    source_system: Mapped[str]
    as_of: Mapped[datetime]
    geometry: Mapped[WKBElement] = mapped_column(Geometry("LINESTRING", srid=GEOGRAPHIC_SRID, spatial_index=False))


class BaseLabel(Base):
    """A name on the offline base map."""

    __tablename__ = "base_label"
    __table_args__ = {"schema": "layers"}  # noqa: RUF012 - the declarative base itself declares it so
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    network: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    rank: Mapped[int] = mapped_column(SmallInteger)
    angle_deg: Mapped[float]
    min_zoom: Mapped[int] = mapped_column(SmallInteger)
    max_zoom: Mapped[int] = mapped_column(SmallInteger)
    source_system: Mapped[str]
    as_of: Mapped[datetime]
    geometry: Mapped[WKBElement] = _point()
