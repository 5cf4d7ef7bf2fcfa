"""Where do the frozen physical properties come from? Makes plume/tables/properties.csv from `chemicals` and `thermo`.

Run by hand with those two installed (they cost seconds to import and are no dependency of the product):
``python benchmarks/make_properties.py``. Every row carries its source and its trust.
"""

import csv
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import chemicals
import numpy as np
import thermo

TABLES = Path(__file__).parent.parent / "plume" / "tables"
COLD_DAY_K = 270.0
GAS_CONSTANT = 8.31446
VERSIONS = f"chemicals {chemicals.__version__}, thermo {thermo.__version__}"
ASSOCIATING = {"hydrogen fluoride", "nitrogen dioxide"}
NOT_BURNING = {
    "carbon dioxide",
    "nitric acid",
    "hydrogen chloride",
    "phosgene",
    "chlorine",
    "sulfur dioxide",
    "nitrogen dioxide",
}
Row = tuple[str, str, object, str, object, object, str, str]


def fit_wagner(temperature: np.ndarray, pressure: np.ndarray, tc: float, pc: float) -> tuple[np.ndarray, float]:
    """Coefficients of ln(P/Pc) = (A t + B t^1.5 + C t^2.5 + D t^5)/Tr, t = 1 - Tr, and the largest relative error."""
    reduced = temperature / tc
    gap = 1 - reduced
    terms = np.stack([gap, gap**1.5, gap**2.5, gap**5], axis=1) / reduced[:, None]
    coefficients = np.linalg.lstsq(terms, np.log(pressure / pc), rcond=None)[0]
    return coefficients, float(np.abs(np.exp(terms @ coefficients) * pc / pressure - 1).max())


def fit_density(temperature: np.ndarray, density: np.ndarray, tc: float) -> tuple[np.ndarray, float]:
    """Coefficients of rho = a + b t^0.35 + c t^(2/3) + d t, t = 1 - T/Tc (VDI form), and the largest relative error."""
    gap = 1 - temperature / tc
    terms = np.stack([np.ones_like(gap), gap**0.35, gap ** (2 / 3), gap], axis=1)
    coefficients = np.linalg.lstsq(terms / density[:, None], np.ones_like(density), rcond=None)[0]
    return coefficients, float(np.abs(terms @ coefficients / density - 1).max())


def sampled(
    prop: Callable[[float], float | None], low: float, high: float, count: int = 60
) -> tuple[np.ndarray, np.ndarray]:
    """Temperatures between `low` and `high` where the property exists, and its values."""
    temperature = np.linspace(low, high, count)
    values = np.array([np.nan if (v := prop(float(t))) is None else v for t in temperature], float)
    good = np.isfinite(values) & (values > 0)
    return temperature[good], values[good]


def acentric(cas: str, tb: float, tc: float, pc: float) -> tuple[float, str]:
    known = chemicals.omega(cas)
    return (known, "chemicals") if known is not None else (chemicals.LK_omega(tb, tc, pc), "Lee-Kesler from Tb, Tc, Pc")


def rows_of(key: str, cas: str) -> Iterator[Row]:
    """Every property row of one substance; what has no data gives no row."""
    tb, tc, pc, mass = chemicals.Tb(cas), chemicals.Tc(cas), chemicals.Pc(cas), chemicals.MW(cas) / 1000

    def row(
        name: str,
        value: object,
        unit: str,
        source: str,
        low: object = "",
        high: object = "",
        status: str = "one_source",
    ) -> Row:
        return (key, name, f"{value:.6g}" if isinstance(value, float) else value, unit, low, high, source, status)

    yield row("molar_mass", mass * 1000, "g/mol", f"chemicals {chemicals.__version__}")
    for name, value, get in (
        ("boiling_point", tb, chemicals.Tb_methods),
        ("critical_temperature", tc, chemicals.Tc_methods),
    ):
        yield row(name, value, "K", f"chemicals: {get(cas)[0]}")
    yield row("critical_pressure", pc, "Pa", f"chemicals: {chemicals.Pc_methods(cas)[0]}")
    triple = chemicals.Tt(cas) or chemicals.Tm(cas) or 0.5 * tb
    yield row("freezing_point", triple, "K", "chemicals: Tt or Tm")
    omega, omega_source = acentric(cas, tb, tc, pc)
    yield row(
        "acentric_factor", omega, "1", omega_source, status="one_source" if omega_source == "chemicals" else "derived"
    )

    pressure = thermo.VaporPressure(CASRN=cas, Tb=tb, Tc=tc, Pc=pc, omega=omega)
    if (pressure.Tmin or 0) > max(triple, COLD_DAY_K) and "DIPPR_PERRY_8E" in pressure.all_methods:
        pressure.method = "DIPPR_PERRY_8E"  # the preferred source does not reach a cold day
    low, high = max(triple, pressure.Tmin or triple, 0.45 * tc), min(tc, pressure.Tmax or tc) * 0.995
    t, p = sampled(pressure.T_dependent_property, low, high)
    coefficients, error = fit_wagner(t, p, tc, pc)
    for letter, value in zip("ABCD", coefficients, strict=True):
        text = f"thermo: {pressure.method}, Wagner form fitted, largest error {100 * error:.2g} %"
        yield row(f"vapour_pressure_{letter}", float(value), "1", text, round(float(t.min()), 2), round(tc, 2))

    heat = thermo.EnthalpyVaporization(CASRN=cas, Tb=tb, Tc=tc, Pc=pc, omega=omega)
    value = heat.T_dependent_property(tb) or chemicals.Riedel(tb, tc, pc)
    estimated = heat.method in (None, "ALIBAKHSHI", "RIEDEL", "MORGAN_KOBAYASHI")
    status = "unverified" if key in ASSOCIATING else "derived" if estimated else "one_source"
    note = "; of the associated vapour" if key in ASSOCIATING else ""
    yield row("latent_heat_at_boiling", value / mass, "J/kg", f"thermo: {heat.method or 'Riedel'}{note}", status=status)

    volume = thermo.VolumeLiquid(CASRN=cas, Tb=tb, Tc=tc, Pc=pc, omega=omega, MW=mass * 1000)
    if volume.method is None or key in ("phosphine", "arsine"):
        vc = chemicals.Vc(cas) or 0.2918 * GAS_CONSTANT * tc / pc
        t = np.linspace(max(triple, 0.5 * tb), 0.95 * tc, 40)
        rho = np.array([mass / chemicals.COSTALD(x, tc, vc, omega) for x in t])
        source, status = "COSTALD from Tc, Vc, omega", "derived"
    else:
        t, v = sampled(
            volume.T_dependent_property, max(triple, volume.Tmin or triple), min(0.97 * tc, volume.Tmax or tc)
        )
        rho, source, status = mass / v, f"thermo: {volume.method}", "one_source"
    if t.size >= 8 and t.max() - t.min() > 20:
        coefficients, error = fit_density(t, rho, tc)
    else:
        coefficients, error = np.array([float(rho.mean()), 0, 0, 0]), 0.0
    for letter, value in zip("abcd", coefficients, strict=True):
        text = f"{source}, VDI form fitted, largest error {100 * error:.2g} %"
        yield row(
            f"liquid_density_{letter}",
            float(value),
            "kg/m3",
            text,
            round(float(t.min()), 2),
            round(float(t.max()), 2),
            status,
        )

    gas = thermo.HeatCapacityGas(CASRN=cas, MW=mass * 1000)
    gas_cp = gas.T_dependent_property(298.15)
    estimated = "estimated by group contribution" if gas.method == "JOBACK" else ""
    yield row(
        "vapour_heat_capacity",
        gas_cp / mass,
        "J/(kg K)",
        f"thermo: {gas.method} at 298.15 K {estimated}".strip(),
        status="derived" if estimated else "one_source",
    )
    yield row("gamma", gas_cp / (gas_cp - GAS_CONSTANT), "1", "cp/(cp - R) at 298.15 K, ideal gas", status="derived")

    liquid = thermo.HeatCapacityLiquid(CASRN=cas, MW=mass * 1000)
    if liquid.method is None:
        t = np.linspace(max(triple, 0.6 * tb), min(0.8 * tc, 1.3 * tb), 20)
        cp = np.array(
            [
                chemicals.heat_capacity.Rowlinson_Bondi(x, tc, omega, gas.T_dependent_property(float(x)) or gas_cp)
                for x in t
            ]
        )
        source, status = "Rowlinson-Bondi from ideal-gas heat capacity", "derived"
    else:
        t, cp = sampled(
            liquid.T_dependent_property, max(triple, liquid.Tmin or triple), min(0.85 * tc, liquid.Tmax or tc)
        )
        source, status = f"thermo: {liquid.method}", "one_source"
    if t.size:
        slope, middle = (np.polyfit(t - t.mean(), cp / mass, 1)) if t.max() - t.min() > 20 else (0.0, cp.mean() / mass)
        for name, value, unit in (("a", middle - slope * t.mean(), "J/(kg K)"), ("b", slope, "J/(kg K2)")):
            yield row(
                f"liquid_heat_capacity_{name}",
                float(value),
                unit,
                f"{source}, straight line",
                round(float(t.min()), 2),
                round(float(t.max()), 2),
                status,
            )

    formation = chemicals.Hfg(cas)
    atoms = thermo.Chemical(cas).atoms
    if formation is not None and key not in NOT_BURNING and set(atoms) <= {"C", "H", "O", "N", "S", "Cl"}:
        burnt = chemicals.combustion_data(atoms, Hf=formation, MW=mass * 1000)
        if burnt.LHV < 0:
            yield row(
                "heat_of_combustion",
                -burnt.LHV / mass,
                "J/kg",
                f"net, of the vapour, from the heat of formation (chemicals: {chemicals.Hfg_methods(cas)[0]})",
            )
    for name, get, methods in (
        ("lfl", chemicals.LFL, chemicals.LFL_methods),
        ("ufl", chemicals.UFL, chemicals.UFL_methods),
    ):
        found = [m for m in methods(CASRN=cas) if "NFPA" in m] or [m for m in methods(CASRN=cas) if "IEC" in m]
        if found:
            yield row(name, get(CASRN=cas, method=found[0]), "fraction", f"chemicals: {found[0]}")


def main() -> None:
    warnings.filterwarnings("ignore")
    with (TABLES / "substances.csv").open(encoding="utf-8") as handle:
        wanted = [(line["key"], line["cas"]) for line in csv.DictReader(handle)]
    with (TABLES / "properties.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("substance", "property", "value", "unit", "t_min_k", "t_max_k", "source", "status"))
        for key, cas in wanted:
            writer.writerows(rows_of(key, cas))
    print(f"written with {VERSIONS}")


if __name__ == "__main__":
    main()
