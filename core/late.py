"""Names of a package that are imported when they are first asked for: a cold start counts, and few need them all."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def late(package: str, places: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """A `__getattr__` (PEP 562) for a package: which of its modules holds which names.

    No name may be a module's too: an imported module takes its place.
    """
    modules = {name: f"{package}.{module}" for module, names in places.items() for name in names}
    assert not modules.keys() & places.keys()

    def found(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name]), name)

    return found
