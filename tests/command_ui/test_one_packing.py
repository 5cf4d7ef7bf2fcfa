"""Is what many pages are told packed once, and understood by every client whatever it asked for?"""

import asyncio
import contextlib
import json
import socket
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from command_ui.server.one_packing import Lines, packed

STEP = json.dumps([{"seq": n, "text": "演练：液氯泄漏，东侧道路封闭"} for n in range(60)], ensure_ascii=False)


async def _says(line: WebSocket) -> None:
    """Tell every page the same, then give back what it says."""
    await line.accept()
    for number in range(4):
        await line.send_text(f"{number}{STEP}")
    await line.send_text("short")
    await line.send_bytes(b"\0" * 500)
    with contextlib.suppress(Exception):
        while True:
            await line.send_text(await line.receive_text())


@contextlib.asynccontextmanager
async def _server(protocol: Any) -> AsyncIterator[str]:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    app = Starlette(routes=[WebSocketRoute("/line", _says)])
    server = uvicorn.Server(uvicorn.Config(app, ws=protocol, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[taken]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"ws://127.0.0.1:{taken.getsockname()[1]}/line"
    finally:
        server.should_exit = True
        await running


def _asked(**settings: Any) -> list[ClientPerMessageDeflateFactory]:
    return [ClientPerMessageDeflateFactory(**settings)]


@pytest.mark.parametrize(
    "extensions",
    [
        None,
        _asked(client_max_window_bits=True),
        _asked(server_max_window_bits=9),
        _asked(server_no_context_takeover=True, client_no_context_takeover=True, server_max_window_bits=15),
    ],
    ids=["nothing", "as Chromium", "a smaller window", "no takeover"],
)
def test_every_client_reads_what_was_said(extensions: Any) -> None:
    async def talk() -> None:
        async with (
            _server(Lines) as address,
            websockets.connect(address, compression=None, extensions=extensions) as line,
        ):
            assert [await line.recv() for _ in range(4)] == [f"{number}{STEP}" for number in range(4)]
            assert await line.recv() == "short"
            assert await line.recv() == b"\0" * 500
            for said in ("", "是", STEP, "短" * 31, STEP * 200):
                await line.send(said)
                assert await line.recv() == said

    asyncio.run(talk())


def test_what_fifty_pages_are_told_is_packed_once() -> None:
    async def listen() -> tuple[int, int]:
        packed.cache_clear()
        async with _server(Lines) as address:
            lines = [await websockets.connect(address, compression=None, extensions=_asked()) for _ in range(50)]
            for line in lines:
                assert [await line.recv() for _ in range(4)] == [f"{number}{STEP}" for number in range(4)]
                await line.close()
        found = packed.cache_info()
        return found.misses, found.hits

    packings, taken = asyncio.run(listen())
    assert packings <= 5  # four messages and the zeros
    assert taken >= 49 * 4


def test_equal_messages_are_equal_on_the_wire_and_lean_on_nothing() -> None:
    once = packed(STEP.encode(), 12)
    assert packed(STEP.encode(), 12) is once
    assert zlib.decompressobj(wbits=-12).decompress(once + b"\0\0\xff\xff").decode() == STEP
    assert len(once) < len(STEP.encode()) / 8
