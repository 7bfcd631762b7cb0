"""The decorator of every kernel: numba compiles it, and the result is kept for later runs.

It takes the place of ``numba.njit(cache=True)``, whose own cache looks at one file only: a kernel
that calls one of another file would run with the old code of that file. What numba does for other
packages is not touched.
"""

from __future__ import annotations

import hashlib
import inspect
import pickle
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numba as nb
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.registry import cpu_target
from numba.core.serialize import dumps

from downwind.compiled.sources import digest_sources
from downwind.compiled.store import SUFFIX, read_kernel, write_kernel

_SETTINGS: Final = (
    "OPT",
    "BOUNDSCHECK",
    "DEBUGINFO_DEFAULT",
    "LOOP_VECTORIZE",
    "SLP_VECTORIZE",
    "USING_SVML",
)
"""Settings of numba that change the code it makes."""

_SHORT: Final = 16


def kernel(*, cache: bool = True, **options: Any) -> Any:
    """Compile a function when it is first called, or load what an earlier run compiled.

    Parameters
    ----------
    cache : bool
        Keep the compiled code.
    **options
        As for ``numba.njit``.
    """

    def decorate(function: Any) -> Any:
        made = nb.njit(**options)(function)
        if cache and isinstance(made, Dispatcher):  # it is the bare function if numba is off
            kept = KernelCache(function)
            made._cache = kept  # type: ignore[attr-defined]
            KERNELS.append(kept)
        return made

    return decorate


class KernelCache:
    """What the dispatcher of one function asks before it compiles, and tells after.

    Attributes
    ----------
    loaded, compiled, unkept : set of str
        Names of the kernels of this process: read from a file, compiled, and compiled without
        finding a place to be kept.
    """

    cache_path = None

    def __init__(self, function: Any) -> None:
        self._function = function
        self._sources = _digest_file(function)
        self._enabled = True
        self.loaded: set[str] = set()
        self.compiled: set[str] = set()
        self.unkept: set[str] = set()

    @property
    def title(self) -> str:
        """Module and name of the function, without the package."""
        title = f"{self._function.__module__}.{self._function.__qualname__}"
        return title.removeprefix("downwind.").replace("<", "").replace(">", "")

    @property
    def tail(self) -> str | None:
        """The end of the names of this function's kernels: sources, processor and versions.

        It is None where the sources cannot be read; nothing is kept then.
        """
        if self._sources is None:
            return None
        return f"{self._sources[:_SHORT]}.{digest_target()[:_SHORT]}{SUFFIX}"

    def name_kernel(self, signature: Any) -> str | None:
        """Return the name under which the code for a signature is kept."""
        tail = self.tail
        if tail is None:
            return None
        cells = self._function.__closure__ or ()
        line = self._function.__code__.co_firstlineno
        key = f"{signature!r} {line}".encode() + (
            dumps(tuple(cell.cell_contents for cell in cells)) if cells else b""
        )
        return f"{self.title}.{hashlib.sha256(key).hexdigest()[:_SHORT]}.{tail}"

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Return the compiled code for a signature, or None where it has to be compiled."""
        name = self.name_kernel(signature) if self._enabled else None
        body = read_kernel(name) if name else None
        if name is None or body is None:
            return None
        target_context.refresh()
        try:
            found = CompileResult._rebuild(target_context, *pickle.loads(body))
        except (pickle.UnpicklingError, EOFError, LookupError, AttributeError, ImportError,
                TypeError, ValueError):  # fmt: skip
            return None  # whole, but not what this numba can take in: it is compiled anew
        self.loaded.add(name)
        return found

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep the compiled code for a signature, where there is a place."""
        name = self.name_kernel(signature)
        if not self._enabled or name is None:
            return
        self.compiled.add(name)
        # code that holds addresses of this process is of no use to another
        own = result.library.has_dynamic_globals or any(not x.can_cache for x in result.lifted)
        if own or not write_kernel(name, dumps(result._reduce())):
            self.unkept.add(name)

    def enable(self) -> None:
        """Read and write from now on."""
        self._enabled = True

    def disable(self) -> None:
        """Neither read nor write from now on."""
        self._enabled = False

    def flush(self) -> None:
        """Do nothing: a kernel that is compiled again is written again."""


def _digest_file(function: Any) -> str | None:
    """Return the digest of a function's sources as they are now, when its module is loaded."""
    try:
        return digest_sources(Path(inspect.getfile(function)))
    except (OSError, TypeError, SyntaxError):
        return None


KERNELS: Final[list[KernelCache]] = []
"""One for each kernel of the modules that are imported."""


def describe_processor() -> tuple[str, tuple[str, ...]]:
    """Return LLVM's name of the processor, and the features that its code may use."""
    _, name, features = cpu_target.target_context.codegen().magic_tuple()
    return str(name), tuple(f[1:] for f in str(features).split(",") if f.startswith("+"))


@cache
def digest_target() -> str:
    """Return the digest of all but the sources: processor, Python, numba and its settings."""
    parts = (
        cpu_target.target_context.codegen().magic_tuple(),
        nb.__version__,
        version("llvmlite"),
        sys.implementation.cache_tag,
        sys.abiflags,
        [(name, getattr(nb.config, name, None)) for name in _SETTINGS],
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def count_threads() -> int:
    """Return how many threads the compiled loops use."""
    return int(nb.get_num_threads())
