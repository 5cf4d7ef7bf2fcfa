"""Is everything a person can set, type, switch on or read in the record written down?"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from command_ui import handbook
from command_ui.settings import PREFIX, Settings, listing, load_settings, unknown_variables
from gis.errors import InputError

COMMANDS = dict(handbook.commands())


def onemap(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "onemap"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return subprocess.run(
        [program, *arguments], env={**kept, **environment}, capture_output=True, text=True, check=False, timeout=800
    )


def test_tables_of_the_handbook_say_what_the_code_says(repository: Path) -> None:
    text = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in handbook.tables():
        assert f"<!-- begin {name} -->" in text
    assert text == handbook.renewed(text), "run `make handbook`"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    command = COMMANDS[name]
    assert len(handbook.first_sentence(command)) > 20
    example = handbook.example(command)
    assert name in example, f"the example of `{name}` must be the command as typed"
    # Every option the example uses is one the command has.
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    used = set(re.findall(r"(?<=\s)--[a-z][a-z-]*", example.split(name, 1)[1]))
    assert used <= known
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", None), f"`{name} {parameter.opts[0]}` has no help"


def test_every_setting_has_both_meanings() -> None:
    lines = listing(load_settings(environment={}), environment={})
    assert {line.variable for line in lines} == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for line in lines:
        assert re.search(r"[\u4e00-\u9fff]", line.meaning_zh), line.variable
        assert len(line.meaning_en) > 15, line.variable


def test_settings_are_listed_with_value_and_source() -> None:
    secret = "postgresql://me:geheim@db/x"
    done = onemap("settings", "--json", ONEMAP_PORT="8123", ONEMAP_DATABASE_URL=secret, ONEMAP_PROT="1")
    assert done.returncode == 0, done.stderr
    lines = {line["variable"]: line for line in json.loads(done.stdout)}
    assert (lines["ONEMAP_PORT"]["value"], lines["ONEMAP_PORT"]["source"]) == ("8123", "environment")
    assert lines["ONEMAP_HOST"]["source"] == "default"
    assert "geheim" not in done.stdout + done.stderr
    assert "ONEMAP_PROT" in done.stderr
    assert "geheim" not in onemap("settings", ONEMAP_DATABASE_URL=secret).stdout


def test_faulty_settings_are_all_named_at_once() -> None:
    done = onemap("settings", ONEMAP_PORT="many", ONEMAP_LOG_LEVEL="loud")
    assert done.returncode == 2
    assert "ONEMAP_PORT" in done.stderr
    assert "ONEMAP_LOG_LEVEL" in done.stderr
    assert "Traceback" not in done.stderr
    with pytest.raises(InputError) as raised:
        load_settings(environment={"ONEMAP_PORT": "0", "ONEMAP_SAMPLE": "perhaps"})
    assert len(raised.value.faults) == 2


def test_misspelt_variables_are_noticed() -> None:
    assert unknown_variables({"ONEMAP_DATADIR": "x", "ONEMAP_PORT": "1", "HOME": "y"}) == ("ONEMAP_DATADIR",)


def test_origins_hold_our_own_addresses_and_those_set() -> None:
    settings = load_settings(
        environment={"ONEMAP_HOST": "0.0.0.0", "ONEMAP_ORIGINS": "https://map.example.org/, http://a"}
    )
    assert settings.address == "http://127.0.0.1:5006"
    assert set(settings.allowed_origins) == {
        "http://127.0.0.1:5006", "http://localhost:5006", "https://map.example.org", "http://a",
    }  # fmt: skip
