"""Every random number of a run, from counter-based streams.

A number is found by (seed, cause, label, draw, balloon, item) alone. So a run does not depend on
threads, chunks or the order of work, two candidates of a search see the same luck, and any draw
can be flown again.

What all balloons or items of a draw share is stratified over the draws (a Latin hypercube): each
such quantity takes one value in each of D equally likely parts of its range. Two hundred draws
then hold the laws they come from far better than two hundred independent ones, and the standard
error, which is that of independent draws, errs on the safe side.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from downwind.errors import ArgumentError
from downwind.sim import _kernels

_FEW = 8_192


class Cause(IntEnum):
    """What a stream of random numbers is for. The numbers are part of a run's identity."""

    FILL_BIAS = 1
    PURITY = 2
    SUPERHEAT = 3
    LEAK_BATCH = 4
    DRAG = 5
    OPENING = 6
    FALL_BIAS = 7
    FALL_BIAS_AUTOROTATING = 8
    DENSITY_EXPONENT = 9
    TIMER_BIAS = 10
    GAS_RELAXATION = 11
    FAILURE_RATE = 12
    DRAG_LOW = 13
    DRAG_START = 14
    REMAINS = 15
    PARACHUTE = 16
    BALLOON_FILL = 20
    BALLOON_LEAK = 21
    BALLOON_TIMER = 22
    BALLOON_FAILURE = 23
    BALLOON_FAILURE_KIND = 24
    BALLOON_FAILURE_SIZE = 25
    BALLOON_TIMER_COLD = 26
    BALLOON_LAUNCH = 27
    BURST = 28
    ITEM_SPEED = 40
    ITEM_MODE = 41
    TURBULENCE = 60
    WIND_LARGE = 70
    WIND_FINE = 71
    UP_SLOW = 72
    UP_FAST = 73
    WIND_SHIFT = 74
    WIND_MEMBER = 75


@dataclass(frozen=True, slots=True)
class Draws:
    """The random numbers of a run with one seed.

    Parameters
    ----------
    seed : int
        From 0 to 2^64 - 1.
    count : int, optional
        Number of draws over which shared quantities are stratified; without it they are
        independent.
    """

    seed: int
    count: int | None = None

    def uniform(
        self,
        cause: Cause,
        draw: ArrayLike,
        balloon: ArrayLike = 0,
        item: ArrayLike = 0,
        label: str = "",
    ) -> NDArray[np.float64]:
        """Return uniforms in (0, 1).

        Parameters
        ----------
        cause : Cause
        draw, balloon, item : array_like
            Indices, broadcast against each other.
        label : str
            Tells streams of one cause apart, such as the name of an item kind.

        Returns
        -------
        numpy.ndarray
            Of the broadcast shape.
        """
        shape = np.broadcast_shapes(np.shape(draw), np.shape(balloon), np.shape(item))
        size = int(np.prod(shape, dtype=np.int64))
        indices = [
            np.full(1, x, np.int64)
            if np.ndim(x) == 0
            else np.ascontiguousarray(np.broadcast_to(x, shape), np.int64).ravel()
            for x in (draw, balloon, item)
        ]
        out = np.empty(size)
        stream = int(cause) << 32 | zlib.crc32(label.encode())
        fill = _kernels.fill_uniform if size > _FEW else _kernels.fill_uniform_alone
        fill(np.uint64(self.seed), np.uint64(stream), indices[0], indices[1], indices[2], out)
        return out.reshape(shape)

    def words(self, cause: Cause, label: str = "") -> tuple[np.uint32, np.uint32]:
        """Return the key of a stream of 32-bit words, for kernels that count for themselves."""
        stream = int(cause) << 32 | zlib.crc32(label.encode())
        zero = np.uint64(0)
        key = np.uint64(self.seed), np.uint64(stream)
        word = int(_kernels.philox_word(zero, zero, zero, zero, *key))
        return np.uint32(word & 0xFFFFFFFF), np.uint32(word >> 32)

    def normal(
        self,
        cause: Cause,
        draw: ArrayLike,
        balloon: ArrayLike = 0,
        item: ArrayLike = 0,
        label: str = "",
    ) -> NDArray[np.float64]:
        """Return standard normals; arguments as for ``uniform``."""
        return ndtri(self.uniform(cause, draw, balloon, item, label))

    def seed_of(self, cause: Cause) -> int:
        """Return the seed that the streams of a cause come from."""
        del cause
        return self.seed

    def derive(self, label: str) -> Draws:
        """Return random numbers of their own, stratified over as many draws.

        Parameters
        ----------
        label : str
            What they are for; another label gives other numbers.
        """
        zero, stream = np.uint64(0), np.uint64(zlib.crc32(label.encode()))
        word = _kernels.philox_word(zero, zero, zero, zero, np.uint64(self.seed), stream)
        return Draws(int(word), self.count)

    def shared_uniform(
        self, cause: Cause, draw: NDArray[np.int64], label: str = ""
    ) -> NDArray[np.float64]:
        """Return uniforms of quantities that a draw shares, one for each draw index, shape (n,).

        References
        ----------
        McKay, Beckman and Conover 1979, Technometrics 21, 239 (Latin hypercube sampling).
        """
        if self.count is None:
            return self.uniform(cause, draw, label=label)
        every = np.arange(self.count)
        stratum = np.argsort(self.uniform(cause, every, label=f"{label}/strata"), kind="stable")
        inside = self.uniform(cause, every, label=label)
        stratified: NDArray[np.float64] = ((stratum + inside) / self.count)[draw]
        return stratified

    def shared_normal(
        self, cause: Cause, draw: NDArray[np.int64], label: str = ""
    ) -> NDArray[np.float64]:
        """Return standard normals of quantities that a draw shares, as ``shared_uniform``."""
        return np.asarray(ndtri(self.shared_uniform(cause, draw, label)))


@dataclass(frozen=True, slots=True)
class MixedDraws(Draws):
    """The numbers of one run, but for some causes those of another.

    Both are stratified over the same number of draws, each for itself.

    Parameters
    ----------
    seed, count : int
        As in ``Draws``.
    other : Draws
        Of as many draws.
    causes : frozenset of Cause
        What comes from ``other``.
    """

    other: Draws = field(kw_only=True)
    causes: frozenset[Cause] = field(kw_only=True)

    def __post_init__(self) -> None:
        if self.other.count != self.count:
            raise ArgumentError(
                f"numbers of {self.count} draws are mixed with those of {self.other.count}",
                "take as many draws of both",
            )

    def uniform(
        self,
        cause: Cause,
        draw: ArrayLike,
        balloon: ArrayLike = 0,
        item: ArrayLike = 0,
        label: str = "",
    ) -> NDArray[np.float64]:
        """Return uniforms as ``Draws.uniform``, of the run that the cause comes from."""
        if cause in self.causes:
            return self.other.uniform(cause, draw, balloon, item, label)
        return Draws.uniform(self, cause, draw, balloon, item, label)

    def seed_of(self, cause: Cause) -> int:
        """Return the seed that the streams of a cause come from."""
        return self.other.seed_of(cause) if cause in self.causes else self.seed


@dataclass(frozen=True, slots=True)
class RememberedDraws(Draws):
    """The same numbers, kept: for candidates that share them, each is drawn once.

    What is returned cannot be written to. Everything asked for is held until this is let go of,
    so it is not for the numbers of a whole manifest.
    """

    memory: dict[tuple[object, ...], NDArray[np.float64]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def uniform(
        self,
        cause: Cause,
        draw: ArrayLike,
        balloon: ArrayLike = 0,
        item: ArrayLike = 0,
        label: str = "",
    ) -> NDArray[np.float64]:
        """Return uniforms as ``Draws.uniform``."""
        where = (draw, balloon, item)
        return self._recall("uniform", cause, label, where, Draws.uniform)

    def normal(
        self,
        cause: Cause,
        draw: ArrayLike,
        balloon: ArrayLike = 0,
        item: ArrayLike = 0,
        label: str = "",
    ) -> NDArray[np.float64]:
        """Return standard normals as ``Draws.normal``."""
        return self._recall("normal", cause, label, (draw, balloon, item), Draws.normal)

    def shared_uniform(
        self, cause: Cause, draw: NDArray[np.int64], label: str = ""
    ) -> NDArray[np.float64]:
        """Return uniforms as ``Draws.shared_uniform``."""
        return self._recall("shared_uniform", cause, label, (draw,), Draws.shared_uniform)

    def shared_normal(
        self, cause: Cause, draw: NDArray[np.int64], label: str = ""
    ) -> NDArray[np.float64]:
        """Return standard normals as ``Draws.shared_normal``."""
        return self._recall("shared_normal", cause, label, (draw,), Draws.shared_normal)

    def _recall(
        self,
        name: str,
        cause: Cause,
        label: str,
        where: tuple[ArrayLike, ...],
        draw: Callable[..., NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        indices = [np.asarray(x, np.int64) for x in where]
        key = (name, cause, label, *((x.shape, x.tobytes()) for x in indices))
        if key not in self.memory:
            values = draw(self, cause, *where, label=label)
            values.setflags(write=False)
            self.memory[key] = values
        return self.memory[key]
