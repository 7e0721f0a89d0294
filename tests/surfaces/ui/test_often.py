"""Tags that stand in for Django's: they answer alike, in every language, and never for another request."""

from __future__ import annotations

import pytest
from django.template import Context, Engine, engines
from django.template.backends.django import Template
from django.test import RequestFactory
from django.urls import NoReverseMatch
from django.utils.translation import override


def template(text: str) -> Template:
    made = engines["django"].from_string(text)
    assert isinstance(made, Template)
    return made


def test_text_is_said_in_the_language_of_who_reads_it_each_time() -> None:
    for text in ('{% translate "Home" %}', '{% load i18n %}{% trans "Home" as home %}{{ home }}'):
        page = template(text)
        for _ in range(2):
            with override("en"):
                assert page.render() == "Home"
            with override("zh-hans"):
                assert page.render() == "首页"


def test_whatever_is_translated_reads_as_django_writes_it() -> None:
    plain = Engine(builtins=["django.templatetags.i18n"])
    for text in (
        "{% translate word %}",
        '{% translate "100% <b>" %}',
        '{% translate "Home <b>" as home %}{{ home }}',
        '{% translate "x<y"|upper %}',
        '{% translate "Home" noop %}',
        '{% translate "May" context "verb" %}',
        '{% autoescape off %}{% translate "Home <b>" %}{% endautoescape %}{% translate "Home <b>" %}',
    ):
        for language in ("en", "zh-hans"):
            with override(language):
                expected = plain.from_string(text).render(Context({"word": "<i>"}))
                assert template(text).render({"word": "<i>"}) == expected, text


def test_address_is_found_kept_in_a_name_and_refused_where_there_is_none() -> None:
    assert template('{% url "storefront:post" 7 %}').render() == "/posts/7"
    assert template('{% url "storefront:post" post_id=id %}').render({"id": 8}) == "/posts/8"
    kept = template('{% url "storefront:topic" name as there %}[{{ there }}]').render({"name": "露营"})
    assert kept.startswith("[/topics/%")
    assert template('{% url "storefront:nowhere" as there %}[{{ there }}]').render() == "[]"
    with pytest.raises(NoReverseMatch):
        template('{% url "storefront:nowhere" %}').render()


def test_forms_carry_the_token_of_their_own_request() -> None:
    page = template("{% csrf_token %}{% csrf_token %}")
    first, second = (page.render({}, RequestFactory().get("/")) for _ in range(2))
    assert first.count('name="csrfmiddlewaretoken"') == 2
    assert first[: len(first) // 2] == first[len(first) // 2 :]
    assert first != second
    assert page.render() == ""


def test_number_stands_in_a_page_as_it_is() -> None:
    page = template("{{ id }} {{ share }} {% if id == 1234567 %}{{ id|add:1 }}{% endif %}")
    for language in ("en", "zh-hans"):
        with override(language):
            assert page.render({"id": 1234567, "share": 0.5}) == "1234567 0.5 1234568"


def test_form_carries_the_key_of_its_page() -> None:
    request = RequestFactory().get("/")
    shown = template("{% form_key %}").render({"key_field": "key", "idempotency_key": 'a"b'}, request)
    assert shown.startswith('<input type="hidden" name="csrfmiddlewaretoken" value="')
    assert shown.endswith('<input type="hidden" name="key" value="a&quot;b">')


def test_included_template_reads_as_django_includes_it() -> None:
    plain = Engine(
        loaders=[("django.template.loaders.locmem.Loader", FILES)], builtins=["wuyou.surfaces.ui.templatetags.ui"]
    )
    ours = Engine(loaders=plain.loaders, builtins=["wuyou.surfaces.ui.templatetags.often"])
    for text in (
        '{% include "plain" %}',
        '{% include "plain" with word="other" %}{{ word }}',
        '{% include "plain" with said=word only %}',
        '{% for one in many %}{% include "cycles" %}{% endfor %}',
        '{% for one in many %}{% include "extends" with word=one %}{% endfor %}',
        "{% include name %}",
        '{% include "sets" %}[{{ kept }}]',
        '{% include "deep" with left=many only %}',
    ):
        expected = plain.from_string(text).render(Context(GIVEN))
        made = ours.from_string(text)
        for _ in range(2):
            assert made.render(Context(GIVEN)) == expected, text


FILES = {
    "plain": "{{ word }}{{ said }}",
    "cycles": "{% cycle 'a' 'b' %}",
    "extends": "{% extends 'base' %}{% block body %}{{ word }}{{ block.super }}{% endblock %}",
    "base": "<{% block body %}base{% endblock %}>",
    "sets": "{% with word as kept %}{{ kept }}{% endwith %}",
    "deep": "{% for one in left %}{{ one }}{% if one == '3' %}{% include 'deep' with left='' %}{% endif %}{% endfor %}",
}
GIVEN = {"word": "w<", "many": ["1", "2", "3"], "name": "plain"}
