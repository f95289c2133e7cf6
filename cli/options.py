"""Options that most commands have."""

from __future__ import annotations

from typing import Annotated

import typer

As = Annotated[str, typer.Option("--as", metavar="LOGIN", envvar="POSTROOM_AS", help="Who does it.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
