"""The house rules of templates: they use what exists, and hold no inline style, script or handler."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template

from marketplace.kernel import registry
from marketplace.pages.icons import UnknownIcon, draw_icon, shapes
from tests.marketplace.pages.drawing import EVIL, draw

pytestmark = pytest.mark.urls("tests.marketplace.pages.gallery_urls")
TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMPONENTS = sorted((TEMPLATES / "cotton").rglob("*.html"))
NAMES = {str(path.relative_to(TEMPLATES / "cotton"))[:-5].replace("/", ".").replace("_", "-") for path in COMPONENTS}


def test_every_icon_that_a_template_asks_for_exists() -> None:
    literal = re.compile(
        r"""\{% icon "([a-z0-9-]+)"|<c-icon[^>]*\sname="([a-z0-9-]+)"|\sicon(?:_end)?="([a-z0-9-]+)\""""
    )
    asked = {
        (next(filter(None, match)), path.name)
        for path in TEMPLATES.rglob("*.html")
        for match in literal.findall(path.read_text(encoding="utf-8"))
    }
    assert [(name, place) for name, place in sorted(asked) if name not in shapes()] == []


def test_every_icon_of_the_navigation_exists() -> None:
    assert [item.label for item in registry.navigation if item.icon not in shapes()] == []


def test_an_icon_that_is_not_in_the_set_is_named() -> None:
    with pytest.raises(UnknownIcon, match="unicorn"):
        draw_icon("unicorn")


def test_every_component_says_what_it_takes_and_loads() -> None:
    for path in COMPONENTS:
        assert path.read_text(encoding="utf-8").startswith("{% comment %}"), path.name
        get_template(str(path.relative_to(TEMPLATES)))


def test_every_component_stands_in_the_table() -> None:
    table = (TEMPLATES / "cotton" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z-]+(?:\.[a-z]+)?)`", table))
    assert NAMES - named == set()


def test_every_component_is_used_somewhere() -> None:
    used = set()
    for path in TEMPLATES.rglob("*.html"):
        used |= set(re.findall(r"<c-([a-z.-]+)", path.read_text(encoding="utf-8")))
    # `badge` is a second name of pill. The parts of e-mails hold inline style, so the gallery cannot show them.
    assert {name for name in NAMES - used if name != "badge" and not name.startswith("email.")} == set()


def test_an_email_says_how_a_sum_adds_up() -> None:
    html = draw(
        """{% extends "emails/base.html" %}{% block rows %}<c-email.rows title="How it adds up" :head="head">"""
        """<c-email.row :cells="line" /><c-email.row :cells="sum" total /></c-email.rows>{% endblock %}""",
        title="Your pay is on its way",
        url="https://preceptor.example/me/earnings/",
        button="See the payslip",
        head=["Contract", "Pay"],
        line=[EVIL, "$3,225.00"],
        sum=["Sent to you", "$3,225.00"],
    )
    assert "<script" not in html
    assert html.count("$3,225.00") == 2
    assert html.count("border-bottom:3px double") == 1
    assert 'href="https://preceptor.example/me/earnings/"' in html


def test_a_notice_reads_the_same_in_text_and_in_html() -> None:
    facts = {
        "title": "Larkfield & Sons made you an offer",
        "paragraphs": ["It stands at $210.00 an hour.", "It lapses on Wed 25 Nov."],
        "url": "https://preceptor.example/me/offers/?a=1&b=2",
        "button": "Read the offer",
        "name": "Imani",
    }
    text = engines["django"].get_template("emails/notice.txt").render(facts)
    html = engines["django"].get_template("emails/notice.html").render(facts)
    for words in ("Dear Imani,", "It stands at $210.00 an hour.", "It lapses on Wed 25 Nov.", "Read the offer"):
        assert words in text
        assert words in html
    assert "Larkfield & Sons" in text
    assert "Larkfield &amp; Sons" in html
    assert "https://preceptor.example/me/offers/?a=1&b=2" in text


def test_every_component_that_a_template_uses_exists() -> None:
    used = {
        (name, str(path.relative_to(TEMPLATES)))
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"<c-([a-z][a-z.-]*)", path.read_text(encoding="utf-8"))
    }
    assert {(name, place) for name, place in used if name not in NAMES | {"vars", "slot"}} == set()


def test_no_page_holds_inline_style_script_or_handlers() -> None:
    inline = re.compile(
        r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|[\"'(]data:|<style|<script(?![^>]*(?:\ssrc=|type=\"application/(?:ld\+)?json\"))",
        re.IGNORECASE,
    )
    mails = ("emails/", "email/", "cotton/email/")
    found = {
        (str(path.relative_to(TEMPLATES)), match.group(0))
        for path in TEMPLATES.rglob("*.html")
        if not any(part in str(path.relative_to(TEMPLATES)) for part in mails)
        # `style` is also an argument of c-when and c-event, so the tags of components are left out.
        for match in inline.finditer(re.sub(r"<c-[^>]*>", "", path.read_text(encoding="utf-8")))
    }
    assert found == set()


def test_scripts_import_only_what_exists() -> None:
    scripts = Path(settings.BASE_DIR) / "static" / "js"
    for script in scripts.glob("*.js"):
        for name in re.findall(r'from "\./([a-z.-]+)"', script.read_text(encoding="utf-8")):
            assert (scripts / name).is_file(), f"{script.name} imports {name}"


def test_plain_error_pages_need_nothing() -> None:
    for name in ("500", "503"):
        html = engines["django"].get_template(f"errors/{name}.html").render({})
        assert "<h1" in html
        assert "hx-headers" not in html
