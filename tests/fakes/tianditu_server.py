"""A server that answers like Tianditu, real HTTP and every row of its error table (tianditu.md sections 2 to 5)."""

import contextlib
import io
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SERVER_KEY = "0123456789abcdef0123456789abcdef"
SECOND_KEY = "fedcba9876543210fedcba9876543210"
BROWSER_KEY = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
TILES_ONLY_KEY = "77777777777777777777777777777777"
"""Serves tiles and is refused for search: that permission is switched on by itself in the console."""
_LAYERS = {"vec": "png", "cva": "png", "img": "jpeg", "cia": "png", "ter": "jpeg", "cta": "png", "ibo": "png"}
_TINTS = {"vec": (232, 228, 216), "img": (58, 92, 60), "ter": (196, 186, 150)}
_FIREWALL = "<!doctype html><html><head><title>访问被拦截</title></head><body>CloudWAF 访问被拦截</body></html>"


@dataclass
class Switches:
    """How the server misbehaves; everything off means that it behaves."""

    delay_s: float = 0.0
    hang: bool = False
    fault: str = ""
    """``reset``, ``truncated``, ``cut``, ``5xx``, ``json200``, ``placeholder``, ``418``, ``429``, ``not_listed``,
    ``wrong_type``, ``redirect``, ``echo``."""
    faults_left: int | None = None
    """The fault ends after so many answers; None = never."""
    burst: int = 0
    """Requests a second above which 429 is the answer; 0 = no limit."""
    samples: dict[str, str] = field(default_factory=dict)
    """Name of a service -> fixture file it answers with."""


class FakeTianditu:
    """
    Starts on a free port of this machine; `base` is its address.

    Parameters
    ----------
    samples
        Folder of the recorded reply shapes; None answers place services with 500.
    """

    def __init__(self, samples: Path | None = None) -> None:
        self.samples = samples
        self.switches = Switches()
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        """Path, query and headers of every request."""
        self.release = threading.Event()
        self._times: list[float] = []
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.start()

    @property
    def base(self) -> str:
        """Address without a path."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def tiles_asked(self) -> list[str]:
        """Paths and rows of tiles asked for."""
        return [path for path, query, _ in self.asked if "TILEROW" in query or "/tile/" in path]

    def start(self) -> None:
        """Listen, on the same port as before when there was one."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # the name http.server asks for
                fake.answer(self)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def process_request(self, request: Any, client_address: Any) -> None:
                fake._lines.append(request)
                super().process_request(request, client_address)

            def handle_error(self, *_: Any) -> None:
                """A client that stopped waiting is no news."""

        self.release.clear()
        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def kill(self) -> None:
        """Stop listening at once; what hangs is let go."""
        if self._server is not None:
            server, self._server = self._server, None
            self.release.set()
            server.shutdown()
            server.server_close()
            for line in self._lines:  # lines kept open would go on being answered
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            self._lines.clear()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request in the order the real server checks."""
        url = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        with self._lock:
            self.asked.append((url.path, query, {name.lower(): value for name, value in request.headers.items()}))
            now = time.monotonic()
            self._times = [moment for moment in self._times if now - moment < 1.0] + [now]
            fault = self.switches.fault if self.switches.faults_left != 0 else ""
            if fault and self.switches.faults_left is not None:
                self.switches.faults_left -= 1
        time.sleep(self.switches.delay_s)
        if self.switches.hang:
            self.release.wait(60)
            request.close_connection = True
            return None
        if fault == "reset":
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()
            request.close_connection = True
            return None
        if fault == "5xx":
            return send(request, 502, "text/html", b"<html>502 Bad Gateway</html>")
        if fault == "redirect":
            return send(request, 302, "text/html", b"", location="http://169.254.169.254/")
        provincial = url.path.startswith(("/historyraster/", "/ime-cloud/"))
        refusal = None if provincial and "tk" not in query else self.refusal(query, request.headers, fault, url.path)
        if refusal is not None:
            status, body = refusal
            page = isinstance(body, str)
            content = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
            extra = {"server": "CloudWAF"} if status == 418 else {}
            return send(request, status, "text/html" if page else "application/json", content, **extra)
        tile = self.tile(url.path, query)
        if tile is not None:
            return self.send_tile(request, tile, fault)
        if self.samples is not None and (service := self.service(url.path, query)) is not None:
            status, kind, body = service
            return send(request, status, kind, body)
        return send(request, 404, "text/html", b"<html>404 Not Found</html>")

    def refusal(self, query: dict[str, str], headers: Any, fault: str, path: str) -> tuple[int, Any] | None:
        """Give status and body of a refusal, or None."""
        key, agent = query.get("tk", ""), headers.get("user-agent", "")
        if fault == "418" or not key or key != key.strip():
            return 418, _FIREWALL
        if len(key) != 32:
            return 400, {"code": 308011, "message": "请求参数非法长度或不合规"}
        if key not in (SERVER_KEY, SECOND_KEY, BROWSER_KEY, TILES_ONLY_KEY):
            said = f"非法key {key}" if fault == "echo" else "非法key"
            return 403, {"code": 301001, "msg": said, "resolve": "请到API控制台重新申请Key"}
        if fault == "not_listed":
            return 403, {"code": 7, "msg": "域名不匹配", "resolve": "请到API控制台查看域名配置并修改"}
        if key == BROWSER_KEY and "Mozilla" not in agent:
            return 403, {"code": 301012, "msg": "权限类型错误", "resolve": "Key权限类型为:浏览器端，请使用浏览器访问！"}
        if key != BROWSER_KEY and "Mozilla" in agent:
            return 403, {
                "code": 301013,
                "msg": "权限类型错误",
                "resolve": "Key权限类型为:服务器端，请使用服务器端访问！",
            }
        if key == TILES_ONLY_KEY and not path.endswith("/wmts"):
            return 403, {"code": 301001, "msg": "无此服务权限", "resolve": "请到API控制台开通权限"}
        if fault == "429" or (self.switches.burst and len(self._times) > self.switches.burst):
            return 429, {"msg": "too many requests"}
        return None

    def tile(self, path: str, query: dict[str, str]) -> bytes | None:
        """Give a picture, the constant one outside the matrix; None when this is no address of a tile."""
        parts = path.strip("/").split("/")
        if len(parts) == 2 and parts[1] == "wmts" and "_" in parts[0]:
            layer, matrix = parts[0].rsplit("_", 1)
            if layer not in _LAYERS or matrix not in ("w", "c") or query.get("LAYER") != layer:
                return None
            level, column, row = (int(query[name]) for name in ("TILEMATRIX", "TILECOL", "TILEROW"))
            rows = 1 << level >> (matrix == "c")
            inside = 1 <= level <= 18 and 0 <= column < 1 << level and 0 <= row < rows
            return picture(layer, matrix, level, column, row) if inside else CONSTANT
        if parts[0] == "historyraster" and "tile" in parts:
            level, row, column = (int(part) for part in parts[-3:])
            return picture("img" if "History" in parts else "vec", "c", level, column, row)
        if parts[0] == "ime-cloud" and query.get("TILEMATRIXSET") == "default028mm":
            level, column, row = (int(query[name]) for name in ("TILEMATRIX", "TILECOL", "TILEROW"))
            return picture("img", "c", level, column, row)
        return None

    def send_tile(self, request: BaseHTTPRequestHandler, body: bytes, fault: str) -> None:
        """Send a picture, or what the switches make of it."""
        jpeg = body.startswith(b"\xff\xd8")
        if fault == "json200":
            return send(request, 200, "application/json", b'{"msg":"this tk is limited"}')
        if fault == "placeholder":
            body = CONSTANT
        if fault == "truncated":  # the length is announced, the rest never comes
            send(request, 200, "image/png", body[: len(body) // 2], **{"content-length": str(len(body))})
            request.close_connection = True
            return None
        if fault == "cut":  # a box on the way cut the body and put its length right
            body = body[: len(body) // 2]
        kind = "text/html" if fault == "wrong_type" else "image/jpg" if jpeg else "image/png"
        return send(request, 200, kind, body)

    def service(self, path: str, query: dict[str, str]) -> tuple[int, str, bytes] | None:
        """Answer of a place service from the recorded shapes."""
        assert self.samples is not None
        post = json.loads(query["postStr"].replace("'", '"')) if "postStr" in query else {}
        name, kind = "", "application/json;charset=UTF-8"
        if path == "/v2/search":
            if "mapBound" not in post and post.get("queryType") in ("1", "2", 1, 2):
                return 400, kind, (self.samples / "http400_search_missing.json").read_bytes()
            name = self.switches.samples.get("search", "search_q1_poi.json")
        elif path == "/geocoder" and "ds" in query:
            name = self.switches.samples.get("geocode", "geocoder_ok.json")
        elif path == "/geocoder":
            name = self.switches.samples.get("reverse", "regeo_ok.json")
        elif path == "/v2/administrative":
            name = self.switches.samples.get("divisions", "administrative_v2_ok.json")
        elif path == "/drive":
            name, kind = self.switches.samples.get("drive", "drive_ok.xml"), "text/html;charset=UTF-8"
        elif path == "/transit":
            name = self.switches.samples.get("transit", "transit_ok_with_negative.json")
        return (200, kind, (self.samples / name).read_bytes()) if name else None


def send(request: BaseHTTPRequestHandler, status: int, kind: str, body: bytes, **headers: str) -> None:
    """Write one answer."""
    request.send_response(status)
    for name, value in ({"content-type": kind, "content-length": str(len(body))} | headers).items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def picture(layer: str, matrix: str, level: int, column: int, row: int) -> bytes:
    """Make a tile nobody else has: its colour by layer, its edges, and its numbers as text."""
    from PIL import Image, ImageDraw

    plain = layer in _TINTS
    image = Image.new("RGB" if plain else "RGBA", (256, 256), _TINTS.get(layer, (0, 0, 0, 0)))
    pen = ImageDraw.Draw(image)
    ink = (90, 90, 90) if plain else (20, 60, 160, 255)
    if plain:
        pen.rectangle((0, 0, 255, 255), outline=(160, 160, 150))
        # something to see by: a wide stripe that runs on from tile to tile
        pen.line((0, 128, 255, 128), fill=(250, 214, 120), width=7)
        pen.line((128, 0, 128, 255), fill=(255, 255, 255), width=4)
    pen.text((10, 10 if plain else 200), f"{layer}_{matrix} {level}/{column}/{row}", fill=ink)
    sink = io.BytesIO()
    if _LAYERS[layer] == "jpeg":
        image.save(sink, "JPEG", quality=80)
    else:
        image.save(sink, "PNG")
    return sink.getvalue()


def _constant() -> bytes:
    from PIL import Image

    sink = io.BytesIO()
    Image.new("RGB", (256, 256), (255, 255, 255)).save(sink, "PNG")
    return sink.getvalue()


CONSTANT = _constant()
"""The picture sent in place of a tile outside the matrix."""

Start = Callable[..., FakeTianditu]
