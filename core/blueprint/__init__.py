"""desk.toml: what `apply` makes of a desk and `export` writes down (docs/desk-toml.md)."""

from core.blueprint.applying import Change, apply
from core.blueprint.entering import Stored, enter, read_keys, stored_desk, write_keys
from core.blueprint.exporting import export
from core.blueprint.founding import found, join
from core.blueprint.reading import Blueprint, WrongBlueprint, parse_blueprint, read_blueprint

__all__ = [
    "Blueprint",
    "Change",
    "Stored",
    "WrongBlueprint",
    "apply",
    "enter",
    "export",
    "found",
    "join",
    "parse_blueprint",
    "read_blueprint",
    "read_keys",
    "stored_desk",
    "write_keys",
]
