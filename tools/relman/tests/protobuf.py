"""Just enough of Kubernetes's protobuf to read the Secrets in which Helm keeps its releases.

Envelope and field numbers: apimachinery's runtime.Unknown, meta/v1's ObjectMeta and core/v1's
Secret (their generated.proto).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

MAGIC = b"k8s\x00"


def secret(body: bytes) -> dict[str, Any]:
    """A Secret as plain data."""
    unknown = dict(_fields(body.removeprefix(MAGIC)))
    found = list(_fields(unknown[2]))
    metadata = list(_fields(dict(found)[1]))
    data = _map(value for number, value in found if number == 2)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": dict(metadata)[1].decode(),
            "namespace": dict(metadata)[3].decode(),
            "labels": {
                key: value.decode()
                for key, value in _map(value for number, value in metadata if number == 11).items()
            },
        },
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
        "type": dict(found)[3].decode(),
    }


def _map(entries: Iterator[bytes]) -> dict[str, bytes]:
    pairs = [dict(_fields(entry)) for entry in entries]
    return {pair[1].decode(): pair.get(2, b"") for pair in pairs}


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each field; numbers are left out, nobody needs them here."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        size, at = _varint(data, at)
        if tag & 7 == 2:
            yield tag >> 3, data[at : at + size]
            at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
