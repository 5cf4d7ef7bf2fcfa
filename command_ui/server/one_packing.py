"""How does one text reach three hundred pages for the price of packing it once?"""

import zlib
from functools import lru_cache
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import CTRL_OPCODES, Frame, Opcode
from websockets.typing import ExtensionParameter

WINDOW_BITS = 12
_MEMORY_LEVEL = 5
_KEPT = 16
"""Messages whose packed form is kept: what pages of a few groups are being told at this moment."""
_SMALL, _LARGE = 96, 1 << 18
"""Bytes: below the one packing saves nothing, above the other a message is one page's own (its document)."""
_END = b"\x00\x00\xff\xff"
"""What a flush ends with and the wire leaves out (RFC 7692, 7.2.1)."""


class PackedOnce(PerMessageDeflate):
    """
    Permessage-deflate (RFC 7692) that packs every message by itself, so that equal messages have equal bytes.

    A line tells all pages of one group the same. Packed for each of them, three hundred times the interpreter's lock
    is given away, and every time a thread that reckons may keep it for a whole switch interval: measured with 300
    pages, six of ten samples of an event loop that stood still were here. It also saves two states of 32 kB
    a page (zconf.h: 2^(12 + 2) + 2^(5 + 9) bytes). What a message could have borrowed from the one before it is lost.
    """

    def encode(self, frame: Frame) -> Frame:
        """Pack one whole message, or take it as it was packed for somebody else."""
        if frame.opcode in CTRL_OPCODES or frame.opcode is Opcode.CONT or not frame.fin:
            return super().encode(frame)
        size = len(frame.data)
        if size < _SMALL:
            return frame
        pack = packed if size <= _LARGE else packed.__wrapped__
        return Frame(frame.opcode, pack(bytes(frame.data), self.local_max_window_bits), True, True)


class _Negotiation(ServerPerMessageDeflateFactory):
    """Tells the other side that no message leans on an earlier one (`server_no_context_takeover`)."""

    def process_request_params(
        self, params: Any, accepted_extensions: Any
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        answer, plain = super().process_request_params(params, accepted_extensions)
        return answer, PackedOnce(
            plain.remote_no_context_takeover, plain.local_no_context_takeover, plain.remote_max_window_bits,
            plain.local_max_window_bits, plain.compress_settings,
        )  # fmt: skip


class Lines(WebSocketsSansIOProtocol):
    """The websockets of our server: those of uvicorn, with `PackedOnce`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn.available_extensions = [
            _Negotiation(
                server_no_context_takeover=True,
                server_max_window_bits=WINDOW_BITS,
                client_max_window_bits=WINDOW_BITS,
                compress_settings={"memLevel": _MEMORY_LEVEL},
            )
        ]


@lru_cache(maxsize=_KEPT)
def packed(message: bytes, window_bits: int) -> bytes:
    """Give a message as raw deflate without the end of its flush, leaning on nothing before it."""
    packer = zlib.compressobj(wbits=-window_bits, memLevel=_MEMORY_LEVEL)
    found = packer.compress(message) + packer.flush(zlib.Z_SYNC_FLUSH)
    return found.removesuffix(_END)
