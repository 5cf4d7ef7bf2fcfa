"""Is the example for nginx one that nginx takes?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "command_ui" / "server" / "nginx.conf"
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", str(Path(sys.executable).parent)])
NGINX = os.environ.get("ONEMAP_NGINX") or shutil.which("nginx", path=PLACES)
ARGUMENTS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def said_of(folder: Path, example: str) -> subprocess.CompletedProcess[str]:
    """What `nginx -t` says of an example, with a certificate that is there."""
    assert NGINX is not None
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=map.example.org",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    for name, path in (("key", key), ("pem", certificate)):
        example = example.replace(f"/etc/ssl/map.example.org.{name}", str(path))
    (folder / "onemap.conf").write_text(example, encoding="utf-8")
    places = " ".join(f"{name}_temp_path {folder / name};" for name in ARGUMENTS)
    whole = folder / "nginx.conf"
    whole.write_text(
        f"pid {folder / 'pid'}; error_log {folder / 'log'};\nevents {{}}\n"
        f"http {{ access_log off; {places} include {folder / 'onemap.conf'}; }}\n",
        encoding="utf-8",
    )
    return subprocess.run([NGINX, "-t", "-c", str(whole)], capture_output=True, text=True, check=False)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed here; ONEMAP_NGINX may name it")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of the example")
def test_nginx_takes_the_example(tmp_path: Path) -> None:
    said = said_of(tmp_path, EXAMPLE.read_text(encoding="utf-8"))
    assert said.returncode == 0, said.stderr


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed here; ONEMAP_NGINX may name it")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of the example")
def test_planted_a_pattern_without_quotes_is_found(tmp_path: Path) -> None:
    example = EXAMPLE.read_text(encoding="utf-8")
    quoted = '"~__Host-egis=(?<id>[^;]+)"'
    assert quoted in example
    assert said_of(tmp_path, example.replace(quoted, quoted.strip('"'))).returncode != 0


def test_the_example_asks_for_what_the_house_needs() -> None:
    example = EXAMPLE.read_text(encoding="utf-8")
    wanted = (
        "proxy_set_header Host $host;", "proxy_set_header Upgrade $http_upgrade;", "proxy_buffering off;",
        "client_max_body_size 200m;", "X-Forwarded-Proto https;", "ssl_protocols TLSv1.2 TLSv1.3;",
    )  # fmt: skip
    for line in wanted:
        assert line in example
