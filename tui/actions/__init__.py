"""The one registry of actions. Footer, command palette, help and a person's keymap all come from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.actions.accounts import ACCOUNTS, ASIDE, FORM, SCRIPT_MENU
from tui.actions.areas import AREAS
from tui.actions.broadcasts import BROADCASTS, LIVE, PAUSED, PLAN, PREVIEW, RECIPIENTS, WIZARD
from tui.actions.campaigns import BARRED, CAMPAIGNS, IMPORTING, RINGING
from tui.actions.desk import DESK, FILES, WRAPPING
from tui.actions.everywhere import CONFIRM, DIALOG, EVERYWHERE, LIST, READING
from tui.actions.first_run import FIRST_RUN
from tui.actions.journal import JOURNAL
from tui.actions.outbox import OUTBOX
from tui.actions.queues import QUEUES
from tui.actions.registry import Action, Scope
from tui.actions.scripts import (
    REPLAY,
    SCRIPTS,
    SHELF,
    SOURCE,
    TEMPLATE_PREVIEW,
    TEMPLATE_VERSIONS,
    VERSIONS,
    WORKSHOP,
)
from tui.actions.supervising import ALARMS, REPORTS, SHADOW, WALLBOARD

if TYPE_CHECKING:
    from textual.binding import BindingType

SCOPES: tuple[Scope, ...] = (
    EVERYWHERE, AREAS, LIST, READING, DIALOG, CONFIRM, FORM, ACCOUNTS, SCRIPT_MENU, ASIDE, QUEUES, DESK, WRAPPING,
    FILES, CAMPAIGNS, BARRED, IMPORTING, RINGING, BROADCASTS, WIZARD, PLAN, PREVIEW, LIVE, PAUSED, RECIPIENTS, OUTBOX,
    JOURNAL, FIRST_RUN, SCRIPTS, SHELF, TEMPLATE_VERSIONS, TEMPLATE_PREVIEW, VERSIONS, REPLAY, WORKSHOP, SOURCE,
    REPORTS, WALLBOARD, SHADOW, ALARMS,
)  # fmt: skip
"""Every scope with its actions, in the order in which help shows them."""

ACTIONS: dict[str, Action] = {action.id: action for scope in SCOPES for action in scope.actions}


def bindings_of(scope: Scope) -> list[BindingType]:
    """What a screen or widget puts into its BINDINGS."""
    return [action.binding() for action in scope.actions]


__all__ = [
    "ACCOUNTS",
    "ACTIONS",
    "ALARMS",
    "AREAS",
    "ASIDE",
    "BARRED",
    "BROADCASTS",
    "CAMPAIGNS",
    "CONFIRM",
    "DESK",
    "DIALOG",
    "EVERYWHERE",
    "FILES",
    "FIRST_RUN",
    "FORM",
    "IMPORTING",
    "JOURNAL",
    "LIST",
    "LIVE",
    "OUTBOX",
    "PAUSED",
    "PLAN",
    "PREVIEW",
    "QUEUES",
    "READING",
    "RECIPIENTS",
    "REPLAY",
    "REPORTS",
    "RINGING",
    "SCOPES",
    "SCRIPTS",
    "SCRIPT_MENU",
    "SHADOW",
    "SHELF",
    "SOURCE",
    "TEMPLATE_PREVIEW",
    "TEMPLATE_VERSIONS",
    "VERSIONS",
    "WALLBOARD",
    "WIZARD",
    "WORKSHOP",
    "WRAPPING",
    "Action",
    "Scope",
    "bindings_of",
]
