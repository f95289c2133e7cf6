"""The stylesheet of the app, parsed once."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet

SOURCES = 512
"""More than there are: each is kept as it was parsed."""


class ParsedOnce(Stylesheet):
    """Textual 8.2 parses all anew at the start, for a theme that is known, and for each screen that is new to it.

    Here only other variables, which are another theme's colours, are a reason to. What is added is parsed alone.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache.grow(SOURCES)
        self._stale = False

    def set_variables(self, variables: dict[str, str]) -> None:
        """As Textual's."""
        if variables != self._variables:
            self._stale = True
            super().set_variables(variables)

    def reparse(self) -> None:
        """As Textual's, where the variables are others than before."""
        if self._stale:
            super().reparse()
            self._stale = False
