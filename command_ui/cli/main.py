"""Which commands does `onemap` have?"""

import typer

from command_ui.cli import (
    assess,
    audit,
    backup,
    brief,
    bundle,
    buses,
    cap,
    database,
    drill,
    evacuate,
    layers,
    layers_data,
    layers_dictionary,
    layers_risk,
    log,
    mapprint,
    nodes,
    plans,
    plume,
    reach,
    replay,
    report,
    roads,
    route,
    run,
    sbom,
    sensors,
    serve,
    settings,
    tianditu,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="应急管理一张图: the emergency-command one map.",
)

for group in (audit, plume, plans, roads, layers, sensors, log, report, cap, nodes, database, tianditu, drill):
    app.add_typer(group.app, name=group.NAME)
for commands in (assess, brief, replay, mapprint, route, reach, evacuate, buses, serve, run, settings, bundle, sbom):
    commands.register(app)
backup.register(database.app)
layers_data.register(layers.app)
layers_risk.register(layers.app)
layers_dictionary.register(layers.app)


def main() -> None:
    """Entry point of the program `onemap`."""
    app()
