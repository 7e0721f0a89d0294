"""Django's templates, told once a page what it asks of every value: in which language and time zone, and how.

A page names some three hundred values. Most are an attribute of a plain object and a text, and are found and written
here without asking everything that Django asks of each; what is anything else is asked as Django does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template import base as django_template
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.base import (
    FilterExpression,
    Lexer,
    Node,
    NodeList,
    Origin,
    Parser,
    TextNode,
    Token,
    Variable,
    VariableNode,
)
from django.template.context import Context, make_context
from django.template.loaders import base, cached
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

_ABSENT = object()
Write = Callable[[Context], str]
_TO_ESCAPE = re.compile(r"[&<>\"']")


class Templates(DjangoTemplates):
    """A backend of `settings.TEMPLATES`. Filters of ours write numbers, money and moments; a bare number stays bare."""

    def from_string(self, template_code: str) -> Template:
        return _Page(_Template(template_code, engine=self.engine), self)

    def get_template(self, template_name: str) -> Template:
        return _Page(super().get_template(template_name).template, self)


class _Page(Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        made = make_context(context, request, autoescape=self.backend.engine.autoescape)
        # A number in an address is written as it is, without asking how the language writes numbers.
        made.use_l10n = False
        vars(made).update(language=get_language(), zone=timezone.get_current_timezone_name())
        try:
            return self.template.render(made)
        except TemplateDoesNotExist as missing:
            reraise(missing, self.backend)


class _Uncached(base.Loader):
    def get_template(self, template_name: str, skip: Sequence[Origin] | None = None) -> django_template.Template:
        origins = [origin for origin in self.get_template_sources(template_name) if origin not in (skip or ())]
        for origin in origins:
            try:
                contents = self.get_contents(origin)  # type: ignore[attr-defined]
            except TemplateDoesNotExist:
                continue
            return _Template(contents, origin, str(origin.template_name), self.engine)
        raise TemplateDoesNotExist(template_name, tried=[(origin, "Source does not exist") for origin in origins])


class Loader(cached.Loader, _Uncached):
    """Django's loader that keeps what it has read, of templates that find their values quickly."""


class _Template(django_template.Template):
    def compile_nodelist(self) -> NodeList:
        if self.engine.debug:  # Django's error pages show which value it was
            return super().compile_nodelist()
        parser = _Parser(
            Lexer(self.source).tokenize(), self.engine.template_libraries, self.engine.template_builtins, self.origin
        )
        nodelist = parser.parse()
        self.extra_data = parser.extra_data
        return nodelist


class _Parser(Parser):
    def parse(self, parse_until: Iterable[str] | None = None) -> NodeList:
        return _Nodes(super().parse(parse_until))

    def compile_filter(self, token: str) -> FilterExpression:
        return _Expression(token, self)

    def extend_nodelist(self, nodelist: NodeList, node: Node, token: Token) -> None:
        value = _Value(node.filter_expression) if type(node) is VariableNode else node
        super().extend_nodelist(nodelist, value, token)


class _Nodes(NodeList):
    """Django's, of which plain texts are written as they are, and nobody is told which node it was that failed."""

    def __init__(self, nodes: NodeList) -> None:
        super().__init__(nodes)
        self.contains_nontext = nodes.contains_nontext
        self._written: list[str | Write] = [node.s if type(node) is TextNode else node.render for node in nodes]

    def render(self, context: Context) -> SafeString:
        return SafeString("".join([one if isinstance(one, str) else one(context) for one in self._written]))


class _Expression(FilterExpression):
    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        is_quick = self.is_var and self.var.lookups is not None and not self.var.translate
        if is_quick:
            self.var = _Variable(self.var.var)
        self._quick = self.var if is_quick and not self.filters else None

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:
        if self._quick is not None:
            found = self._quick.found_in(context)
            if found is not _ABSENT:
                return found
        return super().resolve(context, ignore_failures)


class _Variable(Variable):
    def __init__(self, var: str) -> None:
        super().__init__(var)
        self._name, *self._bits = self.lookups or ("",)

    def found_in(self, context: Context) -> Any:
        """The value, where its way leads through dictionaries and attributes alone and calls nothing."""
        for values in reversed(context.dicts):
            if self._name in values:
                found: Any = values[self._name]
                break
        else:
            return _ABSENT
        if callable(found):
            return _ABSENT
        for bit in self._bits:
            kind = type(found)
            try:
                if kind is dict:
                    found = found[bit]
                elif hasattr(kind, "__getitem__"):
                    return _ABSENT
                else:
                    found = getattr(found, bit)
            except (KeyError, AttributeError, TypeError):
                return _ABSENT
            if callable(found):
                return _ABSENT
        return found

    def _resolve_lookup(self, context: Context) -> Any:
        found = self.found_in(context)
        return super()._resolve_lookup(context) if found is _ABSENT else found  # type: ignore[misc]


class _Value(VariableNode):
    def render(self, context: Context) -> str:
        try:
            value = self.filter_expression.resolve(context)
        except UnicodeDecodeError:
            return ""
        kind = type(value)
        if kind is SafeString or (kind is str and not (context.autoescape and _TO_ESCAPE.search(value))):
            return value  # type: ignore[no-any-return]
        if kind is str:
            return escape(value)
        if kind is int and not context.use_l10n:
            return str(value)
        return django_template.render_value_in_context(value, context)

    render_annotated = render
