"""What stands in a vector tile? Read by a decoder of these tests' own."""

import struct


def features(body: bytes) -> dict[str, list[dict[str, object]]]:
    """Properties of an MVT body by layer, read with a decoder of these tests' own (protobuf, MVT 2.1 section 4)."""
    found: dict[str, list[dict[str, object]]] = {}
    for _, layer in _fields(body):
        name, keys, values, tags = "", [], [], []
        for number, value in _fields(layer):
            if number == 1:
                name = bytes(value).decode()
            elif number == 2:
                tags.append(next((list(_varints(part)) for field, part in _fields(value) if field == 2), []))
            elif number == 3:
                keys.append(bytes(value).decode())
            elif number == 4:
                values.append(_value(value))
        found[name] = [{keys[k]: values[v] for k, v in zip(row[::2], row[1::2], strict=True)} for row in tags]
    return _Layers(found)


class _Layers(dict[str, list[dict[str, object]]]):
    """An absent layer has no features."""

    def __missing__(self, key: str) -> list[dict[str, object]]:
        """Give no features."""
        return []


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7


def _varints(data: bytes):  # type: ignore[no-untyped-def]
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _fields(data: bytes):  # type: ignore[no-untyped-def]
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
        else:
            size, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value = data[at : at + size]
            at += size
        yield key >> 3, value


def _value(data: bytes) -> object:
    for number, value in _fields(data):
        if number == 1:
            return bytes(value).decode()
        if number == 2:
            return struct.unpack("<f", value)[0]
        if number == 3:
            return struct.unpack("<d", value)[0]
        if number == 6:
            return (value >> 1) ^ -(value & 1)
        if number == 7:
            return bool(value)
        return value
    return None
