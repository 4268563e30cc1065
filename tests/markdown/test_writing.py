"""How parts of a page are written."""

import pytest

from crawlight.markdown.page import to_markdown

URL = "https://example.com/a/b"


def body(html: str) -> str:
    return to_markdown(f"<main><h1>T</h1>{html}</main>", URL).text.partition("# T\n")[2].strip()


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>Two<a href=#two>#</a></h2>", "## Two"),
        ("<h2><a href=#two>Two</a></h2>", "## Two"),
        ("<h3><a href=/x>Three</a></h3>", "### [Three](https://example.com/x)"),
        ("<p>a <b>b</b> <i>c</i> <s>d</s> <code>e`f</code></p>", "a **b** *c* ~~d~~ ``e`f``"),
        ("<p><code><span>a</span>.b<span>(c)</span></code></p>", "`a.b(c)`"),
        ("<p><b> a </b>b</p>", "**a** b"),
        ("<p>a<br>b<br><br>c</p>", "a  \nb\n\nc"),
        ("<p><a href='c?x=1 2'>l</a></p>", "[l](https://example.com/a/c?x=1%202)"),
        ("<p><a href='//cdn.example/x_(y)'>l</a></p>", "[l](https://cdn.example/x_%28y%29)"),
        ("<p><a href='javascript:x()'>l</a> <a href='data:x'>m</a> <a href='http://['>n</a></p>", "l m n"),
        ("<p><a href='#x'>here</a></p>", "here"),
        ("<p><a href='/x'>a [b]</a></p>", r"[a \[b\]](https://example.com/x)"),
        (
            "<p><img src=i.png alt='A [b]'><img src=j.png alt=''><img src=k.png></p>",
            r"![A \[b\]](https://example.com/a/i.png)",
        ),
        ("<img src=data:x data-src=/i.png alt=A>", "![A](https://example.com/i.png)"),
        ("<img srcset='/i.png 2x' alt=A>", "![A](https://example.com/i.png)"),
        ("<a href=/x><img src=/i.png alt=A></a>", "[![A](https://example.com/i.png)](https://example.com/x)"),
        ("<a href=/x><h3>Card</h3><p>Text</p></a>", "### [Card](https://example.com/x)\n\nText"),
        ("<a href=/x><div>Two</div><div>words</div></a>", "[Two words](https://example.com/x)"),
        ("<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b"),
        ("<hr>", "---"),
        ("<dl><dt>T<dd>D</dl>", "**T**\n\nD"),
        ("<details><summary>Q</summary>A</details>", "**Q**\n\nA"),
        ("<p><span>74 m²</span><span>Size</span></p>", "74 m² Size"),
        ("<p><span>w</span><span>o</span>rd</p>", "word"),
        ("<p>H<sub>2</sub>O</p>", "H2O"),
        ("<math><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></math>", "$x^2$"),
        ("<iframe src=https://video.example/1 title='A film'></iframe>", "[A film](https://video.example/1)"),
        ("<button>Buy</button><p>a</p>", "a"),
    ],
)
def test_text(html: str, markdown: str) -> None:
    assert body(html) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "- a\n- b\n  - c"),
        ("<ol start=9><li>a<li>b<ul><li>c</ul></ol>", "9. a\n10. b\n    - c"),
        ("<ol start=x><li>a</ol>", "1. a"),
        ("<ul><li><p>a</p><p>b</p></ul>", "- a\n\n  b"),
        ("<ul><li><pre>x\n\ny</pre></ul>", "- ```\n  x\n\n  y\n  ```"),
        ("<ul><li><input type=checkbox checked>a<li><input type=checkbox>b</ul>", "- [x] a\n- [ ] b"),
        ("<ul><li></li></ul>", ""),
    ],
)
def test_lists(html: str, markdown: str) -> None:
    assert body(html) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<pre>\n a\n  b\n</pre>", "```\n a\n  b\n```"),
        ("<pre><code class='language-js'>a</code></pre>", "```js\na\n```"),
        ("<div class='highlight-source-python'><pre>a</pre></div>", "```python\na\n```"),
        ("<pre class='brush: js'>a</pre>", "```js\na\n```"),
        ("<pre><code><span>a</span><br><span>b</span></code></pre>", "```\na\nb\n```"),
        ("<pre><div>a</div><div>b</div></pre>", "```\na\nb\n```"),
        ("<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"),
        ("<pre>&lt;b&gt; *a* _b_</pre>", "```\n<b> *a* _b_\n```"),
    ],
)
def test_code(html: str, markdown: str) -> None:
    assert body(html) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (
            "<table><tr><th>a<th align=right>b<tr><td>1|2<td>3<br>4</table>",
            "| a | b |\n| --- | --: |\n| 1\\|2 | 3 4 |",
        ),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "| a | b |\n| --- | --- |\n| c |  |"),
        (
            "<table><tr><th colspan=2>a<tr><td rowspan=2>b<td>c<tr><td>d</table>",
            "| a |  |\n| --- | --- |\n| b | c |\n| b | d |",
        ),
        ("<table><caption>C</caption><tr><th>a</table>", "**C**\n\n| a |\n| --- |"),
        ("<table><tr><td><h2>a</h2><p>b</p><td>c</table>", "## a\n\nb\n\nc"),
        ("<table role=presentation><tr><td>a<td>b</table>", "a\n\nb"),
        ("<table><tr><th>a<td><table><tr><td>b<td>c</table></table>", "| a | b c |\n| --- | --- |"),
        ("<table><tr><th>a<th colspan=99999999999>b</table>", "| a | b |\n| --- | --- |"),
        ("<table></table>", ""),
    ],
)
def test_tables(html: str, markdown: str) -> None:
    assert body(html) == markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("# a", r"\# a"),
        ("#1 of all", "#1 of all"),
        ("1. a", r"1\. a"),
        ("1.5 litres", "1.5 litres"),
        ("- a", r"\- a"),
        ("-5 degrees", "-5 degrees"),
        ("&gt; a", r"\> a"),
        ("*a* `b` snake_case _c_", r"\*a\* \`b\` snake_case \_c\_"),
        ("[a](b) [c] d", r"[a\](b) [c] d"),
        ("&lt;script&gt; 1 &lt; 2", r"\<script> 1 < 2"),
        ("---", r"\---"),
    ],
)
def test_text_stays_text(text: str, markdown: str) -> None:
    assert body(f"<p>{text}</p>") == markdown


def test_addresses_start_from_the_base_of_the_page() -> None:
    page = "<base href='https://other.example/x/'><main><p><a href=y>l</a></main>"
    assert "[l](https://other.example/x/y)" in to_markdown(page, URL).text


def test_front_matter_says_what_the_page_is() -> None:
    page = """<html lang="de"><head><title> A
    “quoted” title: --- </title><meta name="Description" content="One&#10;---&#10;two"><link rel="canonical" href="/c">
    <meta property="article:published_time" content="2026-01-02"></head><body><p>Text</p></body></html>"""
    front = """---
title: "A “quoted” title: ---"
description: "One --- two"
canonical: "https://example.com/c"
date: "2026-01-02"
lang: "de"
---
"""
    assert to_markdown(page, URL).text == f"{front}\nText\n"


def test_text_in_utf8_is_read_as_such_whatever_the_page_says() -> None:
    page = '<meta charset="iso-8859-1"><p>Käse'
    assert "Käse" in to_markdown(page.encode(), URL).text


def test_tokens_are_estimated_from_characters() -> None:
    markdown = to_markdown("<p>Text</p>", URL)
    assert markdown.tokens == -(-len(markdown.text) // 4)
