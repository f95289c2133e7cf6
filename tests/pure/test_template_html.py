"""The HTML of an e-mail template: whatever a customer is called, it says what the supervisor wrote and no more."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.broadcasts.saying import Sayer
from core.templates import BLANK, TemplateText, TemplateWrong, check, fields_of, render

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'><b>", "javascript:alert(1)", "--><script>",
    "</title></style></textarea>", "{{ desk.name }}{% if 1 %}", "&lt;b&gt;", "\" onmouseover=\"x", "x' style='y", "</a",
    "\x00<", "<!--", "]]>", "a\nb\tc", "ſcript", "＜b＞", "\\", "`x`",
]  # fmt: skip
WORDS = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE), st.text("<>\"'&=/ -!abjs:;#x\n", max_size=40))
LETTER = """<!DOCTYPE html>
<html><head><title>For {{ customer.name }}</title><style>p { color: red }</style></head>
<body bgcolor='{{ customer.name }}'><!-- nobody reads <this> --><!--[if mso]><b><![endif]-->
<p class="big {{ customer.name }}" title='{{ customer.name }}' {% if customer.name == "x" %}hidden {% endif %}
>Dear {{ customer.name }},
{% if customer.name %}<b>{{ customer.name|upper }}</b>{% else %}<i>you</i>{% endif %}
1 < 2 &amp; {{ "<" ~ customer.name }}
<a href="https://acme.example/{{ customer.name }}?q={{ customer.name|urlencode }}">here</a><br/>
<a href="mailto:{{ customer.name }}">write</a><textarea>{{ customer.name }}</textarea></p>
</body></html>"""


class Seen(HTMLParser):
    """What a mail program finds in HTML: tags with their attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[str | None] = []
        self.text = ""
        self.others: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value for _, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(("/" + tag, ()))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)


def said(html: str, **customer: object) -> str:
    """The HTML filled in for a customer."""
    known = {"name": "Ada", "site": "https://ada.example/?a=1&b=2", "empty": BLANK, **customer}
    return render(TemplateText("letter", "x", html=html), {"customer": known, "order": None}).html  # type: ignore[dict-item]


def wrong(html: str, **customer: object) -> TemplateWrong:
    """Why it cannot be filled in."""
    with pytest.raises(TemplateWrong) as found:
        said(html, **customer)
    return found.value


@settings(max_examples=300)
@given(name=WORDS)
def test_a_name_is_a_text_wherever_it_may_stand(name: str) -> None:
    plain, seen = Seen(said(LETTER, name="Ada")), Seen(said(LETTER, name=name))
    branch = "b" if name else "i"
    wanted = [(("b" if tag == "b" else tag), names) for tag, names in plain.tags]
    if not name:
        at = [tag for tag, _ in wanted].index("b")
        wanted[at], wanted[at + 1] = (branch, ()), ("/" + branch, ())
    if name == "x":
        wanted = [(tag, (*names, "hidden") if tag == "p" else names) for tag, names in wanted]
    assert seen.tags == wanted
    assert seen.others == plain.others
    shown = name.replace("\r\n", "\n").replace("\r", "\n")
    assert f"Dear {shown}," in seen.text.replace("\r\n", "\n").replace("\r", "\n") or "\x00" in name
    assert name in seen.values


def test_a_name_of_tags_is_shown_as_it_is_written() -> None:
    html = said('<p title="{{ customer.name }}">{{ customer.name }}</p>', name='"><img src=x>')
    assert html == '<p title="&#34;&gt;&lt;img src=x&gt;">&#34;&gt;&lt;img src=x&gt;</p>'


def test_an_attribute_may_be_there_or_not() -> None:
    html = '<td{% if customer.name == "x" %} nowrap{% endif %}>{{ customer.name }}'
    assert (said(html, name="x"), said(html)) == ("<td nowrap>x", "<td>Ada")
    html = '<td {% if customer.name == "x" %}class="{{ customer.name }}"{% else %}nowrap{% endif %} id="a">'
    assert (said(html, name="x"), said(html)) == ('<td class="x" id="a">', '<td nowrap id="a">')


def test_what_the_supervisor_wrote_stays_as_it_is() -> None:
    html = "<!DOCTYPE html>\n<p style='a: b' onclick=\"x()\">R&D &mdash; 1 < 2 <br></p><a href=javascript:x>…</a>"
    assert said(html) == html
    assert said("a {# note #}b{% raw %}{{ x }}{% endraw %}") == "a b{{ x }}"


@pytest.mark.parametrize(
    ("html", "line", "words"),
    [
        ("<p>\n<p class={{ customer.name }}>", 2, "a value that holds a field or an if stands within quotes"),
        ("<p>\n<p class=a{{ customer.name }}>", 2, 'write class="{{ field }}"'),
        ("<p>\n<p class=a{% if order %}b{% endif %}>", 2, "stands within quotes"),
        ("<p>\n\n<p {{ customer.name }}>", 3, "in a tag but within quotes"),
        ("<p>\n<p a{{ customer.name }}=b>", 2, "in a tag but within quotes"),
        ("<p{% if order %} a{% endif %}b>", 1, "in a name within a tag"),
        ("<p{% if order %} class='a'{% endif %}b>", 1, "in a name within a tag"),
        ("<s{% if order %}cript{% endif %}>", 1, "in a name within a tag"),
        ("<p a{% if order %} {% endif %}='{{ customer.name }}'>", 1, "in a name within a tag"),
        ("<p a{% if order %} b {% endif %} ='{{ customer.name }}'>", 1, "an = stands in a tag"),
        ("<{{ customer.name }}>", 1, "write &lt;"),
        ("<p></{{ customer.name }}>", 1, "write &lt;"),
        ("<h{{ customer.name }}>", 1, "in a tag but within quotes"),
        ("<h{% if order %}1{% else %}2{% endif %}>", 1, "in a name within a tag"),
        ("<p onclick=\"say('{{ customer.name }}')\">", 1, "may not stand in onclick"),
        ('<p style="color: {{ customer.name }}">', 1, "may not stand in style"),
        ('<img srcset="{{ customer.site }}">', 1, "may not stand in srcset"),
        ('<p whatever="{{ customer.site }}">', 1, "may not stand in whatever"),
        ('<meta http-equiv="refresh" content="0;url={{ customer.site }}">', 1, "may not stand in content"),
        ("<!-- {{ customer.name }} -->", 1, "a comment holds no field"),
        ("<!--[if mso]>{{ customer.name }}<![endif]-->", 1, "a comment holds no field"),
        ("<!doctype {{ customer.name }}>", 1, "within a tag"),
        ("<style>p { color: {{ customer.name }} }</style>", 1, "<style> holds no field"),
        ("<title>a</ti{{ customer.name }}", 1, "<title> holds no field"),
        ("a\n<SCRIPT>x</SCRIPT>", 2, "an e-mail holds no <script>"),
        ('<iframe src="https://x.example">', 1, "an e-mail holds no <iframe>"),
        ("<svg><style>{{ customer.name }}</style></svg>", 1, "an e-mail holds no <svg>"),
        ('<a href="java{{ customer.name }}">', 1, "in a link that begins with http://"),
        ('<a href="javascript:{{ customer.name }}">', 1, "in a link that begins with http://"),
        ('<a href="&#106;avascript:{{ customer.name }}">', 1, "in a link that begins with http://"),
        ('<a href="java\nscript:{{ customer.name }}">', 2, "in a link that begins with http://"),
        ('<a href="data:text/html,{{ customer.name }}">', 1, "in a link that begins with http://"),
        ('<v:a xlink:href=" vbscript:{{ customer.name }}">', 1, "in a link that begins with http://"),
        (
            '<a href="{% if order %}https://{% else %}java{% endif %}{{ customer.name }}">', 1,
            "in a link that begins with http://",
        ),
        ('{% if order %}<p class="{% else %}<p>{% endif %}x', 1, "do not end in the same place"),
        ('{% if order %}<p title="a">{% endif %}<p title="{% if order %}">{% endif %}', 1, "do not end in the same"),
        ('<p>\n<p class="a', 1, 'it ends too early: it is within class="'),
        ("<p ", 1, "it ends too early: it is within <p"),
        ("<p =a{{ customer.name }}>", 1, "an = stands in a tag"),
        ("{{ customer.name|safe }}", 1, "there is no filter safe"),
        ("{% autoescape false %}{{ customer.name }}{% endautoescape %}", 1, "that may not stand"),
        ("{% include 'x' %}", 1, "another template may not stand"),
    ],
)  # fmt: skip
def test_a_field_stands_only_where_it_stays_a_text(html: str, line: int, words: str) -> None:
    with pytest.raises(TemplateWrong) as found:
        check(TemplateText("letter", "x", html=html))
    assert str(found.value).startswith(f"template letter, html line {line}: "), str(found.value)
    assert words in str(found.value)
    assert (found.value.part, found.value.blank) == ("html", False)


@pytest.mark.parametrize("site", ["https://x.example/?a=1&b='2'", "HTTP://x", "mailto:a@x.example", "tel:+44", "sms:1"])
def test_a_link_of_the_customers_own_is_followed(site: str) -> None:
    assert site in Seen(said('<a href="{{ customer.site }}">', site=site)).values
    assert site + "#top" in Seen(said('<img src=" {{ customer.site }}#top">', site=site)).values[0]  # type: ignore[operator]


@pytest.mark.parametrize(
    "site",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,x", "vbscript:x", "www.x.example", "//x.example", "/etc", "", "https",
        "\x01javascript:x", "&#106;avascript:x", "ftp://x", "blob:https://x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("attribute", ["href", "src", "action", "formaction", "background", "xlink:href"])
def test_what_is_no_link_leaves_that_customer_out(site: str, attribute: str) -> None:
    found = wrong(f'<p>\n<a {attribute}="{{{{ customer.site }}}}">', site=site)
    assert str(found).startswith("template letter, html line 2: the field customer.site is no link for this customer")
    assert (found.field, found.blank) == ("customer.site", True)


def test_two_fields_make_no_link_that_neither_is() -> None:
    html = '<a href="{{ customer.name }}{{ customer.site }}">'
    for name in ("java", "", "javascript"):
        assert wrong(html, name=name, site="script:alert(1)").field == "customer.name"
    either = '<a href="{% if order %}{{ customer.site }}{% else %}{{ customer.name }}{% endif %}">'
    assert wrong(either, name="javascript:x").field == "customer.name"


def test_a_field_that_is_empty_is_what_the_template_says_of_it() -> None:
    html = "<p>\n{{ customer.empty }}</p>"
    found = wrong(html)
    assert str(found) == "template letter, html line 2: the field customer.empty is empty for this customer"
    assert found.blank
    instead = TemplateText("letter", "x", "", "<none> & none", html)
    assert render(instead, {"customer": {"empty": BLANK}}).html == "<p>\n&lt;none&gt; &amp; none</p>"
    link = '<a href="{{ customer.empty|default("https://acme.example") }}">'
    assert said(link) == '<a href="https://acme.example">'
    assert "did you mean customer.name" in str(wrong("<p>{{ customer.nmae }}</p>"))


def test_fields_of_the_html_count_and_it_is_as_bounded_as_the_text() -> None:
    template = TemplateText("letter", "{{ desk.name }}", html="<p>{{ customer.name }}</p>")
    assert fields_of(template) == {"desk.name", "customer.name"}
    for html in ("x" * 100_001, "{{ customer.name }}" * 2_001, "<p>" + "{% if order %}" * 30 + "{% endif %}" * 30):
        began = time.process_time()
        with pytest.raises(TemplateWrong, match=r"^template letter, html"):
            check(TemplateText("letter", "x", html=html))
        assert time.process_time() - began < 2
    assert "longer than 200,000" in str(wrong("{{ customer.name }}" * 10, name='"' * 10_000))


@pytest.mark.parametrize("piece", ["<", "</", "<a ", "<!--", "<a href='", "<title></", "&", "<p a=b", "{# x #}<b"])
def test_hostile_html_is_read_in_time(piece: str) -> None:
    began = time.process_time()
    try:
        check(TemplateText("letter", "x", html=(piece * 100_000)[:99_999]))
    except TemplateWrong:
        pass
    assert time.process_time() - began < 2


@settings(max_examples=150)
@given(name=WORDS, simple=st.booleans())
def test_the_quick_way_of_a_broadcast_says_what_jinja_says(name: str, simple: bool) -> None:
    html = "<p title='{{ customer.name }}'>{{ customer.name }} of {{ desk.name }}</p>" if simple else LETTER
    row = {"id": 1, "name": name, "number": "", "zone": "", "own_fields": "{}", "reference": "R", "email": "",
           "status": "", "callback_at": None, "tries": 0, "outcome": "", "list_fields": "[]"}  # fmt: skip
    template = TemplateText("letter", "{{ customer.name }}", html=html, when_missing="-")
    quick = Sayer(template, desk={"name": "A&B", "timezone": "UTC", "region": "GB"}, campaign="")
    slow = Sayer(template, desk={"name": "A&B", "timezone": "UTC", "region": "GB"}, campaign="")
    slow._is_simple = False
    assert (quick._pieces is not None) is simple
    assert quick.say(row) == slow.say(row)


def test_a_link_goes_the_slow_way_which_looks_at_it() -> None:
    row = {"id": 1, "name": "javascript:x", "number": "", "zone": "", "own_fields": "{}", "reference": "R", "email": "",
           "status": "", "callback_at": None, "tries": 0, "outcome": "", "list_fields": "[]"}  # fmt: skip
    desk = {"name": "Acme", "timezone": "UTC", "region": "GB"}
    sayer = Sayer(TemplateText("letter", "x", html='<a href="{{ customer.name }}">'), desk=desk, campaign="")
    with pytest.raises(TemplateWrong, match=r"customer\.name is no link for this customer"):
        sayer.say(row)


def test_a_template_of_text_alone_is_said_as_before() -> None:
    found = render(TemplateText("letter", "Dear {{ name }}", "<{{ name }}>"), {"name": "<b>&\"'"})
    assert (found.text, found.subject, found.html) == ("Dear <b>&\"'", "<<b>&\"'>", "")
