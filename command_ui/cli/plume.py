"""Gas, fire and blast from the command line: run a case, ask at receptors, look a substance up."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast, get_args

import typer

from command_ui.cli.talk import emit_json, speaks
from gis.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from plume.case import Case

NAME = "plume"
app = typer.Typer(no_args_is_help=True, help="Gas, fire and blast.")
Model = Literal["auto", "gaussian", "dense"]
MOST_MEMBERS = 10_000
POINTS = (("downwind_m", "crosswind_m", "height_m"), ("longitude", "latitude", "height_m"))
ANSWERS = (
    "concentration_mg_m3",
    "concentration_ppm",
    "arrival_s",
    "toxic_load",
    "heat_flux_kw_m2",
    "overpressure_kpa",
)
FIRE_NUMBERS = ("flame_length_m", "diameter_m", "duration_s", "burning_rate_kg_s", "emissive_power_kw_m2", "tnt_kg")

CASE = Annotated[Path, typer.Argument(help="Case file (TOML).")]
ZONES = Annotated[Path | None, typer.Option(help="Write the hazard zones as GeoJSON, lon/lat.")]
FRAMES = Annotated[Path | None, typer.Option(help="Write concentration frames over time as NetCDF.")]
RECEPTORS = Annotated[
    Path | None, typer.Option(help="CSV with downwind_m,crosswind_m,height_m or longitude,latitude,height_m.")
]
OUT = Annotated[Path | None, typer.Option(help="Write the receptors with their concentrations as CSV.")]
ENSEMBLE = Annotated[
    Path | None, typer.Option(help="Write the areas that 10, 50 and 90 % of an ensemble reach, as GeoJSON.")
]
MEMBERS = Annotated[int, typer.Option(help="Members of the ensemble, 1 to 10000.")]
MODEL = Annotated[
    str, typer.Option(metavar="|".join(get_args(Model)), help="Dispersion model; auto decides by the Richardson test.")
]
JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]


@app.callback()
def _group() -> None:
    """Gas, fire and blast."""


@app.command()
@speaks
def run(
    case_file: CASE,
    zones: ZONES = None,
    frames: FRAMES = None,
    receptors: RECEPTORS = None,
    out: OUT = None,
    model: MODEL = "auto",
    ensemble: ENSEMBLE = None,
    members: MEMBERS = 200,
    as_json: JSON = False,
) -> None:
    """
    Forecast where a release goes.

    Example: onemap plume run chlorine.toml --zones zones.geojson
    """
    chosen = _checked(model, members)
    if (receptors is None) != (out is None):
        raise InputError("--receptors and --out belong together: name the file to read and the file to write")
    case = _read_case(case_file)
    if receptors is not None and out is not None:
        _write_receptors(case, receptors, out, chosen)
    summary: dict[str, Any] = {}
    if zones is not None or receptors is None or as_json:
        from plume.forecast import forecast

        result = forecast(case, model=chosen)
        summary = {**result.summary, "provenance": result.provenance.as_json()}
        if zones is not None:
            _write(zones, _geojson(result.zones))
    if frames is not None:
        from plume.frames import frames_of, write_netcdf

        _writable(frames)
        write_netcdf(frames_of(case, model=chosen), frames)
    if ensemble is not None:
        from plume.ensemble import forecast as gather

        _write(ensemble, _geojson(gather(case, members).zones))
    if as_json:
        emit_json(summary)
    elif summary:
        _tell(summary)


@app.command()
@speaks
def substances(
    name: Annotated[str | None, typer.Argument(help="English or Chinese name, alias, CAS or UN number.")] = None,
    as_json: JSON = False,
) -> None:
    """
    List the substances, or one with its properties, levels and their sources.

    Example: onemap plume substances 氯
    """
    from plume import substances as book

    if name is None:
        rows = [_names(one) for one in book.known()]
        if as_json:
            emit_json(rows)
            return
        for row in rows:
            typer.echo(f"{row['key']:20} {row['name_zh']:10} CAS {row['cas']:12} UN {row['un']}")
        return
    sheet = _sheet(name)
    if as_json:
        emit_json(sheet)
        return
    typer.echo(f"{sheet['key']} {sheet['name_zh']}   CAS {sheet['cas']}   UN {sheet['un']}")
    for part in ("properties", "levels"):
        typer.echo(f"\n{part}")
        for row in sheet[part]:
            trust = "未核实 unverified" if row["status"] == "unverified" else row["status"]
            typer.echo(f"  {row['name']:34} {row['value']:>14} {row['unit']:8} [{trust}] {row['source']}")


def _read_case(path: Path) -> "Case":
    """
    Case of a TOML file.

    Raises
    ------
    InputError
        The file cannot be read, is not TOML, or names faults of the case.
    """
    from plume import case

    try:
        mapping = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a case file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save the case file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: is not valid TOML: {error}") from error
    return case.read(mapping)


def _checked(model: str, members: int) -> Model:
    """The model, once both options are what they may be; said in a sentence, not in a box of usage."""
    faults = []
    if model not in get_args(Model):
        faults.append(f"--model: no {model!r}; choose from {', '.join(get_args(Model))}")
    if not 1 <= members <= MOST_MEMBERS:
        faults.append(f"--members: {members} is not within 1 and {MOST_MEMBERS}")
    if faults:
        raise InputError("; ".join(faults))
    return cast(Model, model)


def _write_receptors(case: "Case", receptors: Path, out: Path, model: Model) -> None:
    import pandas as pd

    from plume.forecast import concentration_at

    table = _read_table(receptors)
    given = next((names for names in POINTS if set(names[:2]) <= set(table.columns)), None)
    if given is None or "height_m" not in table.columns:
        raise InputError(
            f"{receptors}: columns must be {','.join(POINTS[0])} or {','.join(POINTS[1])}; "
            f"found {','.join(map(str, table.columns))}"
        )
    columns = {}
    for name in given:
        values = pd.to_numeric(table[name], errors="coerce")
        if values.isna().any():
            raise InputError(f"{receptors}: column {name}, row {int(values.isna().argmax()) + 2}: not a number")
        columns[name] = values.to_numpy(float)
    answer = concentration_at(case, **columns, model=model, with_load=True)
    for name in ANSWERS:
        if name in answer:
            table[name] = answer[name]
    _writable(out)
    table.to_csv(out, index=False)


def _read_table(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_csv(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a CSV of receptors") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not a CSV table: {error}") from error


def _writable(path: Path) -> None:
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist; create it first")


def _write(path: Path, text: str) -> None:
    _writable(path)
    path.write_text(text, encoding="utf-8")


def _geojson(frame: Any) -> str:
    """A frame as GeoJSON with finite numbers only; the coordinates are longitude, latitude."""
    import json

    from shapely.geometry import mapping

    names = [column for column in frame.columns if column != "geometry"]
    features = [
        {
            "type": "Feature",
            "properties": {name: getattr(row, name) for name in names},
            "geometry": mapping(row.geometry),
        }
        for row in frame.itertuples()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, default=float)


def _tell(summary: dict[str, Any]) -> None:
    typer.echo(f"model {summary['model']} ({summary['regime']}), stability {summary['stability']}")
    if "total_mass_kg" in summary:
        typer.echo(f"released {summary['total_mass_kg']:.4g} kg, at most {summary['peak_rate_kg_s']:.4g} kg/s")
    for name in FIRE_NUMBERS if "total_mass_kg" not in summary else ():
        if name in summary:
            typer.echo(f"  {name:24} {summary[name]:.4g}")
    for name, reach in summary["reach_m"].items():
        typer.echo(f"  {name:16} reaches {reach:8.0f} m")
    for note in summary["notes"]:
        typer.echo(f"  note: {note}")


def _names(one: Any) -> dict[str, Any]:
    return {"key": one.key, "name_zh": one.name_zh, "aliases": list(one.aliases), "cas": one.cas, "un": one.un}


def _sheet(name: str) -> dict[str, Any]:
    """Everything the tables hold on one substance."""
    from plume import criteria, probit
    from plume import substances as book

    one = book.find(name)
    rows = [
        _row(row["property"], row["value"], row["unit"], row["status"], row["source"])
        for row in book.read_table("properties.csv")
        if row["substance"] == one.key
    ] or [_row("molar_mass", f"{one.molar_mass_kg_mol * 1000:.4f}", "g/mol", one.trust, one.source)]
    levels = [
        _row(row["criterion"], row["value"], row["unit"], row["status"], row["source"])
        for row in criteria.table_of(one)
    ]
    found = probit.of(one)
    if found is not None:
        text = f"{found.a} + {found.b} ln(C^{found.n} t)"
        levels.append(_row("probit, mg/m3 and min", text, "", found.trust, found.source))
    return {**_names(one), "properties": rows, "levels": levels}


def _row(name: str, value: str, unit: str, status: str, source: str) -> dict[str, str]:
    return {"name": name, "value": value, "unit": unit, "status": status, "source": source}
