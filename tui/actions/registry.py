"""What an action is. A screen says what it does in a method `action_...`; all else about it stands here."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do."""

    id: str
    """`scope.verb`; a keymap file names it."""
    keys: str
    """Textual key names, separated by commas; the first is the one that is shown."""
    label: str
    """One or two words for the line of keys."""
    help: str
    """One sentence for help and palette."""
    run: str = ""
    """The Textual action; empty = the verb of the id."""
    show: bool = True
    """Whether the line of keys shows it."""
    priority: bool = False
    """Whether the key works even where a text field would take it."""

    @property
    def action(self) -> str:
        """The Textual action that it runs."""
        return self.run or self.id.rpartition(".")[2].replace("-", "_")

    def binding(self) -> Binding:
        """Its binding; several keys are bound alike."""
        return Binding(
            self.keys, self.action, self.label, show=self.show, priority=self.priority, tooltip=self.help, id=self.id
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """Actions that work in the same place."""

    name: str
    title: str
    """Heading in the help."""
    actions: tuple[Action, ...]


def scope(name: str, title: str, *actions: Action) -> Scope:
    """A scope; every id begins with its name."""
    assert all(action.id.startswith(f"{name}.") for action in actions), name
    return Scope(name, title, actions)
