"""Django's templates, told once a page what it asks of every value: in which language and time zone, and how."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends.django import DjangoTemplates, Template, reraise
from django.template.context import make_context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language


class Templates(DjangoTemplates):
    """A backend of `settings.TEMPLATES`. Filters of ours write numbers, money and moments; a bare number stays bare."""

    def from_string(self, template_code: str) -> Template:
        return _Template(super().from_string(template_code).template, self)

    def get_template(self, template_name: str) -> Template:
        return _Template(super().get_template(template_name).template, self)


class _Template(Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        made = make_context(context, request, autoescape=self.backend.engine.autoescape)
        # A number in an address is written as it is, without asking how the language writes numbers.
        made.use_l10n = False
        vars(made).update(language=get_language(), zone=timezone.get_current_timezone_name())
        try:
            return self.template.render(made)
        except TemplateDoesNotExist as missing:
            reraise(missing, self.backend)
