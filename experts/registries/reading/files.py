"""Opening a file, plain or inside a zip, as a stream that knows how far it is."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from marketplace.kernel.errors import Invalid

CHUNK = 1 << 20


class Counted(io.RawIOBase):
    """A binary stream that counts the bytes which were read from it."""

    def __init__(self, inner: IO[bytes], total: int) -> None:
        super().__init__()
        self.inner, self.total, self.done = inner, total, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer and count. :raises Invalid: if the zip is damaged."""
        try:
            data = self.inner.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError) as broken:
            raise Invalid(f"The zip file is damaged: {broken}. Download it again.") from broken
        buffer[: len(data)] = data
        self.done += len(data)
        return len(data)


def require_file(path: Path) -> None:
    """
    Let files pass that are there and hold something.

    :raises Invalid: for the others.
    """
    if not path.is_file():
        raise Invalid(f"There is no file {path}.")
    if path.stat().st_size == 0:
        raise Invalid(f"{path.name} is empty: it has 0 bytes. Download it again.")


@contextmanager
def opened(path: Path, wanted: Callable[[str], bool], what: str) -> Iterator[Counted]:
    """
    Open a file, or the one member of a zip that `wanted` picks by its name.

    :param what: how the member is called, for the refusal.
    :raises Invalid: if the zip holds no such member, or more than one, or is damaged.
    """
    require_file(path)
    if not zipfile.is_zipfile(path):
        with path.open("rb") as plain:
            yield Counted(plain, path.stat().st_size)
        return
    with zipfile.ZipFile(path) as archive:
        names = [info for info in archive.infolist() if not info.is_dir() and wanted(Path(info.filename).name)]
        if len(names) != 1:
            inside = ", ".join(info.filename for info in archive.infolist()[:6]) or "nothing"
            raise Invalid(f"{path.name} should hold one {what}; it holds {len(names)}. Inside: {inside}.")
        with archive.open(names[0]) as member:
            yield Counted(member, names[0].file_size)


def fingerprint(paths: Sequence[Path], seen: Callable[[int, int], None] = lambda _done, _total: None) -> str:
    """
    Return the SHA-256 of the files, one after the other, by which a file is known again.

    :param seen: is told the bytes done and all bytes, now and then.
    """
    digest, done, total = hashlib.sha256(), 0, sum(path.stat().st_size for path in paths)
    for path in paths:
        digest.update(f"{path.stat().st_size}:".encode())
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                done += len(chunk)
                seen(done, total)
    return digest.hexdigest()
