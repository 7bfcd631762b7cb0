"""What is kept of the kernels, and whether the next run will have to compile."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from downwind.compiled.kernels import KERNELS, digest_target
from downwind.compiled.sources import PACKAGE_FOLDER, digest_sources
from downwind.compiled.store import (
    find_writable_place,
    list_kernels,
    list_places,
    read_kernel,
    read_ready,
)


@dataclass(frozen=True, slots=True)
class KeptKernels:
    """What is kept of the kernels of this version, for this processor.

    Attributes
    ----------
    functions : int
        Functions of the package that are compiled.
    current, current_bytes : int
        Kernels for these sources, these versions and this processor, and their size [bytes].
    other, other_bytes : int
        Kernels of other versions or processors, and their size [bytes]; they are not used.
    titles : frozenset of str
        Module and name of the functions that these kernels are of.
    spoilt : int
        Kernels that should be whole and are not; they are compiled again.
    complete : bool
        All that `downwind doctor --compile` found to be needed is there and whole.
    places : tuple of pathlib.Path
        Where they are looked for.
    writable : pathlib.Path or None
        The place where new ones go.
    """

    functions: int
    current: int
    current_bytes: int
    other: int
    other_bytes: int
    titles: frozenset[str]
    spoilt: int
    complete: bool
    places: tuple[Path, ...]
    writable: Path | None


def survey_kernels() -> KeptKernels:
    """Look at every kernel that is kept; the kernel modules are imported for it."""
    for module in _list_modules():
        import_module(module)
    tails = {kernel.tail for kernel in KERNELS}
    sizes = list_kernels()
    current = {name for name in sizes if ".".join(name.split(".")[-3:]) in tails}
    spoilt = {name for name in current if read_kernel(name) is None}
    ready = read_ready(digest_all_sources())
    return KeptKernels(
        functions=len(KERNELS),
        current=len(current - spoilt),
        current_bytes=sum(sizes[name] for name in current),
        other=len(sizes) - len(current),
        other_bytes=sum(size for name, size in sizes.items() if name not in current),
        titles=frozenset(name.rsplit(".", 4)[0] for name in current - spoilt),
        spoilt=len(spoilt),
        complete=bool(ready) and ready <= current - spoilt,
        places=list_places(),
        writable=find_writable_place(),
    )


def digest_all_sources() -> str:
    """Return the digest of the sources of all kernels, processor and versions."""
    whole = hashlib.sha256(digest_target().encode())
    for path in _list_files():
        whole.update(digest_sources(path).encode())
    return whole.hexdigest()


def _list_files() -> list[Path]:
    files = [p for n in ("kernels", "_kernels") for p in PACKAGE_FOLDER.rglob(f"{n}.py")]
    return sorted(path.resolve() for path in files)


def _list_modules() -> list[str]:
    return [
        ".".join((PACKAGE_FOLDER.name, *path.relative_to(PACKAGE_FOLDER).with_suffix("").parts))
        for path in _list_files()
    ]
