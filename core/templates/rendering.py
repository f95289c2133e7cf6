"""Rendering: fields filled in by Jinja in its sandbox.

A template may do what takes time in proportion to its length and no more: fields, `if`, and a few filters. It cannot
loop, call, assign or reach into Python, so that no template can run for long or grow without end.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from core.templates import filters
from core.templates.looking import FILTERS, LINK, TESTS, Refusal, look_through, place_fields
from core.templates.markup import LINKS, is_link
from core.templates.values import BLANK, Fields, Plain, Rendered, TemplateText, TemplateWrong

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_TEMPLATE = 100_000
"""Characters of a body; a subject has 200."""
LONGEST_SUBJECT = 200
LONGEST_FIELD = 10_000
LONGEST_TEXT = 200_000
"""Characters of what is rendered."""
OWN_FILTERS = {
    "date": filters.said_date, "firstname": filters.first_name, "money": filters.money, "round": filters.rounded,
    "time": filters.said_time, "titlecase": filters.titlecase, "trim": filters.trimmed, "urlencode": filters.urlencode,
}  # fmt: skip


class _Missing(StrictUndefined):
    """Says its own name when it is used."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return str(self._undefined_name)


class _Nothing(_Missing):
    """A BLANK field: nothing to ask about, and an error or the template's word for it where it is written."""

    __slots__ = ("_instead",)

    def __init__(self, name: str, instead: str | None) -> None:
        super().__init__(name=name)
        self._instead = instead

    def __bool__(self) -> bool:  # type: ignore[override]
        return False

    def __len__(self) -> int:  # type: ignore[override]
        return 0

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return isinstance(other, _Nothing) or other == ""

    def __hash__(self) -> int:  # type: ignore[override]
        return 0

    def __str__(self) -> str:  # type: ignore[override]
        if self._instead is None:
            self._fail_with_undefined_error()
        return self._instead or ""


class _Group(dict[str, Any]):
    """Fields with one name before the dot."""

    def __init__(self, name: str, fields: Mapping[str, Plain], instead: str | None) -> None:
        super().__init__({key: _bounded(f"{name}.{key}", value, instead) for key, value in fields.items()})
        self.name = name

    def __str__(self) -> str:
        raise Refusal(f"{self.name} is a group of fields: write {self.name}.{next(iter(self), 'name')}")

    __repr__ = __str__

    def __len__(self) -> int:
        return len(str(self))

    def __bool__(self) -> bool:
        return True


class _Environment(ImmutableSandboxedEnvironment):
    """Without anything that Python brings: a dot or a bracket finds a field of a group, and nothing else."""

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, _Nothing):
            return self.undefined(name=f"{obj._undefined_name}.{argument}")
        if isinstance(obj, StrictUndefined):
            return obj
        name = f"{obj.name}.{argument}" if isinstance(obj, _Group) else str(argument)
        return obj[argument] if isinstance(obj, _Group) and argument in obj else self.undefined(name=name)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)


def check(template: TemplateText) -> None:
    """Raise TemplateWrong for a template that cannot be read or asks for what it may not do.

    In its HTML a field stands between tags or within a quoted value, for there alone escaping keeps it a text.
    """
    for part, source in _parts(template):
        _compiled_part(template, part, source)


def fields_of(template: TemplateText) -> frozenset[str]:
    """The names of the fields it may use, as `order` and `contact.name`. Raises TemplateWrong."""
    check(template)
    found: set[str] = set()
    for _, source in _parts(template):
        tree = _environment().parse(source)
        grouped = {id(node.node): node for node in tree.find_all(nodes.Getattr)}
        for name in tree.find_all(nodes.Name):
            group = grouped.get(id(name))
            found.add(f"{name.name}.{group.attr}" if group is not None else name.name)
    return frozenset(found)


def pieces_of(source: str, *, html: bool = False) -> tuple[str | tuple[str, str], ...] | None:
    """Of a template of nothing but words and fields with a group, `("Hello ", ("customer", "name"))`; else None.

    Who writes one to a million need not have Jinja fill in each; in HTML each field is then to be `escaped`.
    """
    pieces: list[str | tuple[str, str]] = []
    tree = _environment().parse(source)
    if html:
        place_fields(tree)
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                pieces.append(node.data)
            elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
                pieces.append((node.node.name, node.attr))
            else:
                return None
    return tuple(pieces)


def escaped(value: Plain) -> str:
    """A field's value as it stands in HTML, between tags and within quotes."""
    return str(escape(value))


def render(template: TemplateText, fields: Fields, *, zone: str = "UTC") -> Rendered:
    """Fill it in for a reader in a zone. Raises TemplateWrong naming the template, the line and the field.

    It takes milliseconds at most; the first time, when it is compiled, some tens of them for the longest there may be.
    """
    try:
        known = {
            name: _Group(name, value, template.when_missing)
            if isinstance(value, Mapping)
            else _bounded(name, value, template.when_missing)
            for name, value in fields.items()
        }
        known[filters.ZONE] = zone
    except Refusal as refusal:
        raise TemplateWrong(template.name, "body", 0, str(refusal), refusal.field) from None
    said = {part: _filled_in(template, part, source, known) for part, source in _parts(template)}
    return Rendered(
        said["body"].rstrip(), " ".join(said.get("subject", "").split()), said["html"].rstrip() if template.html else ""
    )


def _parts(template: TemplateText) -> Iterator[tuple[str, str]]:
    yield "body", template.body
    if template.subject:
        yield "subject", template.subject
    if template.html:
        yield "html", template.html


def _filled_in(template: TemplateText, part: str, source: str, known: Mapping[str, Any]) -> str:
    compiled = _compiled_part(template, part, source)
    pieces: list[str] = []
    size = 0
    try:
        for piece in compiled.generate(known):
            size += len(piece)
            if size > LONGEST_TEXT:
                raise Refusal(f"it becomes longer than {LONGEST_TEXT:,} characters")
            pieces.append(piece)
    except UndefinedError as error:
        field = str(error)
        blank = _is_blank(field, known)
        problem = f"the field {field} is empty for this customer" if blank else _no_field(field, known)
        raise TemplateWrong(template.name, part, _line(error), problem, field, blank=blank) from None
    except Refusal as refusal:
        line = refusal.line or _line(refusal)
        raise TemplateWrong(template.name, part, line, str(refusal), refusal.field, blank=refusal.blank) from None
    except Exception as error:  # noqa: BLE001 - the border of one template: what a filter makes of a field may raise anything
        raise TemplateWrong(template.name, part, _line(error), f"it cannot be filled in ({error})") from None
    return "".join(pieces)


def _bounded(name: str, value: Plain, instead: str | None) -> Any:
    if value is BLANK:
        return _Nothing(name, instead)
    if isinstance(value, str) and len(value) > LONGEST_FIELD:
        raise Refusal(f"the field {name} has {len(value):,} characters, and at most {LONGEST_FIELD:,} fit", field=name)
    return "" if value is None else value


def _is_blank(field: str, known: Mapping[str, Any]) -> bool:
    group, _, name = field.partition(".")
    found = known.get(field) if group not in known else known[group].get(name) if name else known[group]
    return isinstance(found, _Nothing)


def _no_field(field: str, known: Mapping[str, Any]) -> str:
    there: list[str] = []
    for name, value in known.items():
        if name == filters.ZONE:
            continue
        there += [f"{name}.{key}" for key in value] if isinstance(value, _Group) else [name]
    near = difflib.get_close_matches(field, there, n=1)
    meant = f", did you mean {near[0]}" if near else ""
    return f"there is no field {field[:100]}{meant}; there are: {', '.join(sorted(there)[:30])}"


def _line(error: BaseException) -> int:
    """The template's line in a traceback that Jinja has rewritten; 0 where it is in none."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _compiled_part(template: TemplateText, part: str, source: str) -> Template:
    limit = LONGEST_SUBJECT if part == "subject" else LONGEST_TEMPLATE
    if len(source) > limit:
        raise TemplateWrong(
            template.name, part, 0, f"it has {len(source):,} characters, and at most {limit:,} are read"
        )
    try:
        return _compiled(source, is_html=part == "html")
    except TemplateSyntaxError as error:
        raise TemplateWrong(template.name, part, error.lineno, _sentence(error)) from None
    except Refusal as refusal:
        raise TemplateWrong(template.name, part, refusal.line, str(refusal)) from None
    except (RecursionError, ValueError, SyntaxError, MemoryError):
        raise TemplateWrong(
            template.name, part, 0, "it nests too deeply, or a number in it has too many digits"
        ) from None


def _sentence(error: TemplateSyntaxError) -> str:
    return "it cannot be read: " + " ".join((error.message or "something is missing").split())[:200]


@lru_cache(maxsize=200)
def _compiled(source: str, *, is_html: bool) -> Template:
    environment = _environment(is_html=is_html)
    tree = environment.parse(source)
    look_through(tree)
    if is_html:
        place_fields(tree)
    return environment.from_string(tree)


@lru_cache(maxsize=2)
def _environment(*, is_html: bool = False) -> _Environment:
    environment = _Environment(
        undefined=_Missing, finalize=_shown, trim_blocks=True, lstrip_blocks=True, autoescape=is_html, cache_size=0
    )
    environment.globals.clear()
    environment.policies["truncate.leeway"] = 0
    environment.filters = {name: OWN_FILTERS.get(name) or environment.filters[name] for name in FILTERS}
    environment.filters[LINK] = _link
    environment.tests = {name: test for name, test in environment.tests.items() if name in TESTS}
    return environment


def _shown(value: Any) -> Any:
    if isinstance(value, _Group):
        str(value)
    return "" if value is None else value


def _link(value: Any, field: str) -> str:
    text = str(_shown(value))
    if not is_link(text):
        named = f"the field {field}" if field else "what is written there"
        problem = f"{named} is no link for this customer ({text[:60]!r}): one begins with {LINKS}"
        raise Refusal(problem, field=field, blank=True)
    return text
