"""Does every page know the widgets of a form that is opened on it later, whoever opened one first?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

LATE = """
import json
from datetime import UTC, datetime

from bokeh.core.has_props import is_DataModel
from bokeh.document import Document

import panel as pn
from command_ui.console import app

told = {one["name"] for one in Document().to_json(deferred=False)["defs"]}

from command_ui.console.intake import IntakeForm
from command_ui.console.revision import RevisionForm
from command_ui.console.source_fields import models

place = {"longitude": 118.7, "latitude": 31.4, "name": ""}
forms = [IntakeForm("zh", "dark"), RevisionForm("en", "light", None, place, datetime(2026, 1, 1, tzinfo=UTC))]
shown = set()
for form in forms:
    for kind in models():
        form.source.kind.value = kind
        for one in form.panel.get_root().references():
            if is_DataModel(type(one)):
                shown.add(type(one).__qualified_model__)
print(json.dumps([sorted(told), sorted(shown)]))
"""


@pytest.mark.timeout(900)
def test_a_page_made_before_the_first_form_knows_all_its_widgets(repository: Path) -> None:
    # A process of its own: in this one somebody may have opened a form already, and then every new page knows them.
    done = subprocess.run(
        [sys.executable, "-c", LATE], cwd=repository, capture_output=True, text=True, check=False, timeout=800
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told, shown = json.loads(done.stdout.splitlines()[-1])
    assert {"Column1", "TextInput1", "FreeInput1"} <= set(shown)
    assert set(shown) <= set(told)
    assert len(told) < 80, "what no page ever shows is told to nobody"


def test_only_one_module_brings_in_widgets_of_others(repository: Path) -> None:
    found = [
        path.name
        for path in (repository / "command_ui").rglob("*.py")
        if any(line.lstrip().startswith(("import panel_material_ui", "from panel_material_ui"))
               for line in path.read_text(encoding="utf-8").splitlines())
    ]  # fmt: skip
    assert found == ["stock_widgets.py"]
