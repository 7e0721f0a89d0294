"""Some of Django's own tags, which a page has by the dozen, answering alike and quicker: built in after Django's.

What they say depends on nothing but what they are given and the language, so it is found once. The settings give this
library the name `i18n`, so that a template that loads that has them too; everything else in it is Django's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django import template
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode, CycleNode, IfChangedNode, URLNode
from django.template.defaulttags import url as parse_url
from django.template.engine import Engine
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode, do_include
from django.templatetags import i18n
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import static as find_static
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from wuyou.surfaces.ui.hrefs import href

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


def language_of(context: Context) -> str | None:
    """The language of a page: that of its beginning, which nothing on it changes."""
    return context.language if hasattr(context, "language") else get_language()


class _Url(URLNode):
    def render(self, context: Context) -> str:
        if self.kwargs:
            return super().render(context)
        try:
            found = href(self.view_name.resolve(context), *[arg.resolve(context) for arg in self.args])
        except NoReverseMatch:
            if self.asvar is None:
                raise
            found = ""
        if self.asvar:
            context[self.asvar] = found
            return ""
        return conditional_escape(found) if context.autoescape else found


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    """Where a page is: no application of ours stands at two addresses, so the request has no say in it."""
    node = parse_url(parser, token)
    return _Url(node.view_name, node.args, node.kwargs, node.asvar)


class _Translated(Node):
    child_nodelists = ()

    def __init__(self, node: TranslateNode) -> None:
        self._asvar = node.asvar
        self._node = TranslateNode(node.filter_expression, node.noop)
        self._said: dict[tuple[str | None, bool], str] = {}

    def render(self, context: Context) -> str:
        key = language_of(context), context.autoescape
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = self._node.render(context)
        if self._asvar is None:
            return said
        context[self._asvar] = said
        return ""


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """A text in the reader's language; one that stands in the template is looked up once for each."""
    node = i18n.do_translate(parser, token)
    is_plain = _is_constant(node.filter_expression) and not node.message_context and not node.noop
    return _Translated(node) if is_plain else node


def _is_constant(expression: FilterExpression) -> bool:
    return not expression.filters and isinstance(expression.var.literal, str)


class _Include(IncludeNode):
    """A template whose name stands in the one around it is found once, and keeps no state unless it needs some."""

    def __init__(self, node: IncludeNode) -> None:
        super().__init__(node.template, extra_context=node.extra_context, isolated_context=node.isolated_context)
        self._write: Callable[[Context], SafeString] | None = None

    def render(self, context: Context) -> SafeString:
        if self._write is None:
            self._write = self._find(context.template.engine)  # type: ignore[union-attr]
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        if self.isolated_context:
            return self._write(context.new(values))
        with context.push(**values):
            return self._write(context)

    def _find(self, engine: Engine) -> Callable[[Context], SafeString]:
        found = engine.get_template(str(self.template.var))
        keeps_state = any(isinstance(node, _KEEP_STATE) for node in found.nodelist.get_nodes_by_type(Node))
        return found.render if keeps_state else found.nodelist.render


_KEEP_STATE = (ExtendsNode, BlockNode, CycleNode, IfChangedNode)


@register.tag
def include(parser: Parser, token: Token) -> IncludeNode:
    """Another template in its place."""
    node = do_include(parser, token)
    is_named = not node.template.filters and not node.template.is_var
    return _Include(node) if is_named else node


address_of = lru_cache(maxsize=512)(find_static)
"""Where a static file is, found once: `forget_parts` forgets it."""


@register.simple_tag
def static(path: str) -> str:
    """Where a static file is, as Django's tag says it."""
    return address_of(path)


class _CsrfToken(CsrfTokenNode):
    def render(self, context: Context) -> str:
        token = context.get("csrf_token")
        return _csrf_field(str(token)) if token and token != "NOTPROVIDED" else super().render(context)  # noqa: S105


@register.tag
def csrf_token(parser: Parser, token: Token) -> CsrfTokenNode:
    """The field that proves that a form is ours; a page of comments has one for each of them."""
    return _CsrfToken()


@lru_cache(maxsize=64)
def _csrf_field(token: str) -> SafeString:
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)


@register.simple_tag(takes_context=True)
def form_key(context: Context) -> SafeString:
    """What a form of ours carries that takes effect once: the token that it is ours, and the key of its page."""
    token = _csrf_field(str(context.get("csrf_token", "")))
    return token + _key_field(str(context["key_field"]), str(context["idempotency_key"]))


@lru_cache(maxsize=64)
def _key_field(name: str, key: str) -> SafeString:
    return format_html('<input type="hidden" name="{}" value="{}">', name, key)
