#!/usr/bin/env python3
"""Caching of expensive calls."""
from __future__ import annotations

import functools
import time

__all__ = ["Cache", "cached"]

MAX_SIZE = 1024
_registry: dict[str, "Cache"] = {}
default_ttl = 60.0

type Key = tuple[object, ...]


# Raised when a key is neither cached nor computable.
class Missing(KeyError):
    pass


class Cache:
    """A cache that forgets the oldest entries first.

    Entries are kept in insertion order; looking one up does not move it.
    """

    hits: int = 0
    misses = 0

    def __init__(self, size: int = MAX_SIZE, ttl: float = default_ttl) -> None:
        self._entries: dict[Key, tuple[float, object]] = {}
        self._size = size
        self._ttl = ttl

    @property
    def size(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> object:
        """The value for ``key``.

        Raises :class:`Missing` when it is not there or has expired.
        """
        try:
            stored, value = self._entries[key]
        except KeyError:
            self.misses += 1
            raise Missing(key) from None
        if time.monotonic() - stored > self._ttl:
            del self._entries[key]
            raise Missing(key)
        self.hits += 1
        return value

    def put(self, key: Key, value: object) -> None:
        # The oldest entry is the first one.
        while len(self._entries) >= self._size:
            self._entries.pop(next(iter(self._entries)))
        self._entries[key] = (time.monotonic(), value)

    async def refresh(self, key: Key, compute):
        r"""Computes a value anew, whatever is stored."""
        value = await compute()
        self.put(key, value)
        return value


# -- decorators --------------------------------------------------------


def cached(ttl: float = default_ttl):
    """Caches what a function returns, by its arguments."""

    def decorate(function):
        cache = Cache(ttl=ttl)
        _registry[function.__qualname__] = cache

        @functools.wraps(function)
        def wrapper(*args):
            try:
                return cache.get(args)
            except Missing:
                value = function(*args)
                cache.put(args, value)
                return value

        return wrapper

    return decorate


@cached(ttl=5)
@functools.wraps(time.time)
def now():
    return time.time()


if __name__ == "__main__":
    print(now())
