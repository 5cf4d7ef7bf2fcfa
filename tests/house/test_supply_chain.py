"""S10: does anything known to be broken or secret come with us, and can we say what we are made of?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from command_ui.made_of import bill

AT_LEAST = {
    "bokeh": ((3, 8, 2), "CVE-2026-21883: a foreign page could join a websocket"),
    "tornado": ((6, 5, 5), "CVE-2025-47287, CVE-2025-67726, CVE-2026-31958: one request stalls the only event loop"),
}
SECRETS = {
    "a private key": re.compile(rb"-----BEGIN (?:RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}"),
    "a cloud key": re.compile(rb"\bAKIA[0-9A-Z]{16}\b"),
    "a token of a code host": re.compile(rb"\b(?:ghp|gho|ghs|glpat)[_-][A-Za-z0-9_-]{20,}"),
    "a token of a chat": re.compile(rb"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    "a signed web token": re.compile(rb"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}"),
    "a map key": re.compile(rb"[?&]tk=[0-9a-f]{32}\b"),
    "a password in an address": re.compile(rb"\b(?:postgresql|postgres|mqtts?|https?)://[a-z_]+:(?!password|secret|xxx|\$|\{|<|geheim|pass|pw)[^\s@/'\"{}]{8,}@")
}  # fmt: skip
READ = {
    ".py",
    ".js",
    ".mjs",
    ".css",
    ".toml",
    ".md",
    ".sql",
    ".json",
    ".yml",
    ".yaml",
    ".conf",
    ".html",
    ".txt",
    ".in",
    "",
}


def old(lock: str) -> list[str]:
    """Packages of a lock that are older than they may be."""
    found = []
    for name, (least, why) in AT_LEAST.items():
        pinned = re.search(rf"^{name}==([0-9.]+)", lock, re.MULTILINE)
        if pinned is None or tuple(map(int, pinned[1].split("."))) < least:
            found.append(f"{name} {pinned[1] if pinned else 'missing'}: {why}")
    return found


def secrets(content: bytes) -> list[str]:
    return [name for name, pattern in SECRETS.items() if pattern.search(content)]


def tracked(repository: Path) -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=False)
    if done.returncode == 0 and done.stdout:
        return [repository / name.decode() for name in done.stdout.split(b"\0") if name]
    skipped = {".venv", "node_modules", "dist", "build", "data", ".git"}
    return [path for path in repository.rglob("*") if path.is_file() and not skipped & set(path.parts)]


@pytest.mark.protection("21")
@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_no_library_with_a_known_hole_is_locked(repository: Path, lock: str) -> None:
    assert old((repository / lock).read_text(encoding="utf-8")) == []


def test_planted_an_old_bokeh_is_found() -> None:
    assert old("bokeh==3.8.1\ntornado==6.5.5\n") == [f"bokeh 3.8.1: {AT_LEAST['bokeh'][1]}"]


@pytest.mark.protection("17")
def test_every_locked_file_has_its_hash(repository: Path) -> None:
    lock = (repository / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=[a-z0-9][a-z0-9._-]*==)", lock)[1:]
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def leaking(repository: Path) -> dict[str, list[str]]:
    """Tracked files that hold a secret."""
    found = {}
    for path in tracked(repository):
        if path.suffix in READ and path.is_file() and path.name != Path(__file__).name:
            told = secrets(path.read_bytes())
            if told:
                found[str(path.relative_to(repository))] = told
    return found


def test_no_secret_is_in_the_tree(repository: Path) -> None:
    assert leaking(repository) == {}


def test_a_scratch_commit_with_a_key_is_found(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("url = 'postgresql://onemap_app:Tr0ub4dor3@db/onemap'\n")
    (tmp_path / "harmless.py").write_text("url = 'postgresql://user:password@host/name'\n")
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    assert leaking(tmp_path) == {"settings.toml": ["a password in an address"]}


PLANTED_CODE = {
    "S602": "import subprocess\nsubprocess.run(input(), shell=True)\n",
    "S301": "import pickle\npickle.loads(b'')\n",
    "S307": "eval(input())\n",
    "S608": "name = input()\nquery = f\"SELECT * FROM t WHERE id = '{name}'\"\n",
    "S105": "password = 'Tr0ub4dor3'\n",
    "S501": "import requests\nrequests.get('https://x.example', verify=False, timeout=1)\n",
    "S314": "import xml.etree.ElementTree as tree\ntree.fromstring('<a/>')\n",
    "S202": "import tarfile\ntarfile.open('x').extractall()\n",
}


@pytest.mark.parametrize("rule", PLANTED_CODE)
def test_code_that_bandit_would_refuse_is_refused(repository: Path, rule: str) -> None:
    """Asked with the project's own settings, as a file of a room: no exception of ours covers it."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise",
         "--stdin-filename", "gis/planted.py", "-"],
        input=PLANTED_CODE[rule], text=True, capture_output=True, cwd=repository, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f" {rule} " in done.stdout


def test_planted_secrets_are_found() -> None:
    planted = (
        b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ", b"AKIA" + b"A1B2C3D4E5F6G7H8", b"ghp_" + b"a1" * 18,
        b"https://t0.example/x?T=vec_w&tk=" + b"0a" * 16, b"postgresql://onemap_app:Tr0ub4dor3@db/onemap",
    )  # fmt: skip
    assert [bool(secrets(one)) for one in planted] == [True] * len(planted)


@pytest.mark.protection("17")
def test_the_bill_of_materials_names_all_that_is_required() -> None:
    made = bill()
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    names = {part["purl"].split("@")[0] for part in made["components"] if part["purl"].startswith("pkg:pypi/")}
    for needed in (
        "bokeh",
        "panel",
        "fastapi",
        "starlette",
        "psycopg",
        "psycopg-binary",
        "sqlalchemy",
        "tornado",
        "lxml",
    ):
        assert f"pkg:pypi/{needed}" in names, needed
    assert "pkg:pypi/pytest" not in names, "what only the tests need is no part of the product"
    assert any(part["purl"].startswith("pkg:npm/ol@") for part in made["components"])
    references = [part["bom-ref"] for part in made["components"]]
    assert len(references) == len(set(references))
