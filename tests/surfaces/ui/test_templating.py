"""Templates of ours write what Django's write: of plain values without asking, of everything else as it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Engine, TemplateDoesNotExist, engines
from django.template.backends.django import Template
from django.template.base import Template as Compiled
from django.template.loader import get_template
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override
from hypothesis import given
from hypothesis import strategies as st

PLAIN = Engine(libraries={}, builtins=["django.templatetags.i18n"])


@dataclass(frozen=True, slots=True)
class Thing:
    name: Any = "Tent & <pole>"
    parts: list[Any] = field(default_factory=lambda: ["a", {"b": "c"}])
    call: Callable[[], object] = lambda: "called"

    @property
    def broken(self) -> str:
        raise TypeError("of its own")

    @property
    def absent(self) -> str:
        raise AttributeError("nothing there")

    def changes(self) -> str:
        raise AssertionError("never called by a page")

    changes.alters_data = True  # type: ignore[attr-defined]


class Keyed:
    """What answers to keys and to attributes: the key wins."""

    title = "attribute"

    def __getitem__(self, key: str) -> str:
        if key == "title":
            return "key"
        raise KeyError(key)


class NotCalled:
    do_not_call_in_templates = True
    name = "stays"

    def __call__(self) -> str:
        raise AssertionError("never called by a page")


VALUES = {
    "text": 'a<b>&"c"\'',
    "safe": mark_safe("<b>"),
    "lazy": gettext_lazy("Home"),
    "number": 1234567,
    "share": 0.5,
    "money": Decimal("10.50"),
    "yes": True,
    "nothing": None,
    "moment": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "thing": Thing(),
    "lazily": SimpleLazyObject(Thing),
    "keyed": Keyed(),
    "kept": NotCalled(),
    "kind": Thing,
    "deep": {"thing": {"name": "x>y", "items": "an item", "7": "seven"}, "list": [1, "<2>"]},
    "needs": lambda one: one,
}
PATHS = [
    "text",
    "safe",
    "lazy",
    "number",
    "share",
    "money",
    "yes",
    "nothing",
    "moment",
    "thing.name",
    "thing.parts.0",
    "thing.parts.1.b",
    "thing.parts.9",
    "thing.call",
    "thing.missing",
    "thing.missing.more",
    "thing.changes",
    "thing.absent",
    "lazily.name",
    "lazily.call",
    "keyed.title",
    "keyed.other",
    "kept.name",
    "kind.name",
    "deep.thing.name",
    "deep.thing.items",
    "deep.thing.7",
    "deep.list.1",
    "deep.list.x",
    "text.upper",
    "needs",
    "missing",
    "missing.deep",
    "nothing.name",
    "number.real",
    "text.0",
    "True",
    "None",
]


@given(
    paths=st.lists(st.sampled_from(PATHS), min_size=1, max_size=4),
    form=st.sampled_from(
        [
            "{{ %s }}",
            "{{ %s|default:'none' }}",
            "{{ %s|default:text }}",
            "{%% autoescape off %%}{{ %s }}{%% endautoescape %%}",
            "{%% if %s %%}yes{%% else %%}no{%% endif %%}",
            "{%% with %s as one %%}{{ one }}{%% endwith %%}",
            "{%% for one in %s %%}{{ forloop.counter }}{{ one }}{%% empty %%}-{%% endfor %%}",
        ]
    ),
    language=st.sampled_from(["en", "zh-hans"]),
)
def test_whatever_a_page_names_it_is_written_as_django_writes_it(paths: list[str], form: str, language: str) -> None:
    text = "|".join(form % path for path in paths)
    with override(language):
        expected = _written(lambda: PLAIN.from_string(text).render(Context(VALUES, use_l10n=False)))
        assert _written(lambda: _ours(text).render(dict(VALUES))) == expected, text


def _written(write: Callable[[], str]) -> str:
    try:
        return write()
    except (TypeError, AttributeError) as error:  # what cannot be gone through, a property that breaks
        return type(error).__name__


def _ours(text: str) -> Template:
    made = engines["django"].from_string(text)
    assert isinstance(made, Template)
    return made


def test_what_breaks_in_a_property_is_not_hidden() -> None:
    with pytest.raises(TypeError, match="of its own"):
        _ours("{{ thing.broken }}").render({"thing": Thing()})


def test_template_of_a_file_is_of_the_same_kind_and_read_once() -> None:
    first, again = get_template("ui/brand.html"), get_template("ui/brand.html")
    assert isinstance(first, Template)
    assert isinstance(again, Template)
    assert first.template is again.template
    assert type(first.template) is type(_ours("").template) is not Compiled
    with pytest.raises(TemplateDoesNotExist, match="nowhere"):
        get_template("ui/nowhere.html")
