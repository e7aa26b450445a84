"""cosign's command line: whether an image is signed by whom it must be."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from relman.adapters import process
from relman.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relman.core.models.gates import ImageSignature

# What cosign says when it has looked and there is no good signature.
UNSIGNED = ("no matching signatures", "no signatures found", "invalid signature", "none of the")
INSTALL = "install cosign (https://docs.sigstore.dev), or leave signature out of the images gate"


def is_signed(image: str, wanted: ImageSignature, key: bytes | None, timeout: float) -> bool:
    """Whether an image, named by digest, has the signature. `key` is the content of a key file.

    Raises Unavailable when cosign is not installed, or can't tell.
    """
    if shutil.which("cosign") is None:
        raise Unavailable("cosign is not installed, so signatures can't be verified", hint=INSTALL)
    with _arguments(wanted, key) as arguments:
        command = ["cosign", "verify", "--output=text", *arguments, image]
        done = process.run(command, timeout=timeout)
    if done.code == 0:
        return True
    if any(words in done.err.lower() for words in UNSIGNED):
        return False
    said = (done.err or done.text or "-").splitlines()[-1][:300]
    raise Unavailable(f"cosign can't tell whether {image} is signed: {said}", hint="run it by hand")


@contextlib.contextmanager
def _arguments(wanted: ImageSignature, key: bytes | None) -> Iterator[list[str]]:
    if wanted.key is None:
        identity, issuer = wanted.identity or "", wanted.issuer or ""
        yield [f"--certificate-identity={identity}", f"--certificate-oidc-issuer={issuer}"]
    elif key is None:
        yield [f"--key={wanted.key}"]
    else:
        with tempfile.TemporaryDirectory(prefix="relman-") as folder:
            file = Path(folder) / os.path.basename(wanted.key)
            file.write_bytes(key)
            yield [f"--key={file}"]
