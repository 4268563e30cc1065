"""Pages whose text tries to become a script once it is written and read again.

The kinds are those of public lists of filters that were got around: text that ends its element, addresses that run,
elements that are read in another namespace or another place than they were written in.
"""

from typing import Final

from tests.rendering.site import CONTENT

RUN: Final = "ran()"
_IMG: Final = f"<img src=x onerror={RUN}>"
_AT: Final = _IMG.replace("<", "&lt;").replace(">", "&gt;")
_JS: Final = f"javascript:{RUN}"

PARSED: Final[dict[str, str]] = {
    "comments": f"<!----!>{_IMG}--><!-->{_IMG}--><!--->{_IMG}--><!-- --!>{_IMG}--><!--[if IE]><script>{RUN}</script>"
    f"<![endif]--><![CDATA[{_IMG}]]><?php {_IMG} ?><!x {_IMG}>",
    "handlers": f"<div onclick={RUN} ONMOUSEOVER={RUN}>a</div><svg/onload={RUN}><body onload={RUN}>"
    f"<details open ontoggle={RUN}><input autofocus onfocus={RUN}><video src=x onerror={RUN}></video>"
    f"<style onload={RUN}></style><marquee onstart={RUN}>m</marquee><p style='animation:x' onanimationstart={RUN}>p",
    "addresses": "".join(
        f"<a href='{one}'>x</a>"
        for one in (
            _JS,
            f" {_JS}",
            f"JaVaScRiPt:{RUN}",
            f"java&#10;script:{RUN}",
            f"java&Tab;script:{RUN}",
            f"&#1;{_JS}",
            f"javascript&colon;{RUN}",
            f"&#x6A;avascript:{RUN}",
            f"vbscript:{RUN}",
            f"\u00a0{_JS}",
            f"data:text/html,<script>{RUN}</script>",
            "DATA:text/html;base64,PHNjcmlwdD5yYW4oKTwvc2NyaXB0Pg==",
        )
    )
    + f"<form action={_JS}><button formaction={_JS}>b</button><input type=image formaction=' {_JS}'></form>"
    f"<area href={_JS}><base href={_JS}><link rel=stylesheet href={_JS}><img src={_JS}><body background={_JS}>",
    "frames": f"<iframe src={_JS}></iframe><iframe src=' java&#9;script:{RUN}'></iframe>"
    f"<iframe src='data:text/html,<script>parent.{RUN}</script>'></iframe>"
    f"<iframe srcdoc='<script>parent.{RUN}</script><b>inner words</b>'></iframe>"
    f"<iframe srcdoc=\"<iframe srcdoc='&lt;img src=x onerror=top.{RUN}&gt;'></iframe>\"></iframe>"
    f"<object data={_JS}></object><object data='data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22"
    f" onload=%22{RUN}%22/>'></object><embed src='data:text/html,<script>{RUN}</script>'>",
    "svg": f"<svg><script>{RUN}</script><a xlink:href={_JS}><text y=20>a</text></a><a href='"
    f" {_JS}'><text>b</text></a>"
    f"<a><animate attributeName=href values='#;{_JS}'/><text>c</text></a><a><set attributeName='xlink:href'"
    f" to={_JS} />"
    f"<text>d</text></a><animate onbegin={RUN} attributeName=x dur=1s /><use href='data:image/svg+xml,<svg id=x"
    f" xmlns=%22http://www.w3.org/2000/svg%22><a href=%22{_JS}%22/></svg>#x'/><foreignObject><img src=x"
    f" onerror={RUN}>"
    "</foreignObject></svg>",
    "svg style": f"<svg><style><!--</style>{_IMG}--></style><svg><p><style><g title='</style>{_AT}'></svg>"
    f"<svg></p><style><a id='</style>{_AT}'></svg><svg><desc><style><![CDATA[</style>{_IMG}]]></style></desc></svg>",
    "mathml": f"<math href={_JS}>m</math><math><mi xlink:href={_JS}>x</mi></math><math><maction actiontype="
    f"'statusline#x' xlink:href={_JS}>y</maction></math><form><math><mtext></form><form><mglyph><style></math>{_IMG}",
    "mathml"
    " tables": f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;{_AT}'></table></mtext></math>"
    f"<form><math><mtext></form><form><mglyph><svg><mtext><style><path id='</style>{_AT}'></svg>",
    "annotation": "<math><annotation-xml encoding='text/html'><style><img title='</style>"
    f"{_AT}'></annotation-xml></math><math><annotation-xml encoding=application/xhtml+xml><svg><style>"
    f"<a title='</style>{_AT}'></math>",
    "nested"
    " forms": f"<form id=a><div></form><form id=b><input></form>{_IMG}</div><form><form><table><form>{_IMG}</table>",
    "tables": f"<table><tr><td>cell</td><a title='</table>{_AT}'>fostered</a><style></table>{_IMG}</style></table>"
    f"<table><caption><svg><title><table><caption></title><style></svg>{_IMG}</style></caption></table>",
    "paragraphs": f"<p><b><p><i><p>closed by itself<svg><p>{_IMG}</svg><h1><p></h1><button><p><button>{_IMG}",
    "select": f"<select><option>one<select><svg><style></select>{_IMG}</style></svg></select><select><template><style>"
    f"</select>{_IMG}</style></template><keygen></select>",
    "templates": f"<template><script>{RUN}</script><b"
    f" onclick={RUN}>kept</b><template>{_IMG}</template><iframe srcdoc="
    f"'<script>{RUN}</script>'></iframe></template><div><template shadowrootmode=open><b>in a root</b>{_IMG}"
    f"<a href={_JS}>x</a></template></div><div><template shadowrootmode=closed>{_IMG}<u>in a closed"
    f" root</u></template>",
    "noscript": f"<noscript><p title='</noscript>{_AT}'><img"
    f" src=/kept.jpg></noscript><noscript><!--</noscript>{_IMG}--><img>"
    f"<noscript><style></noscript>{_IMG}</style><img></noscript><noscript><iframe></noscript>{_IMG}</iframe></noscript>",
    "data": f'<script type=application/ld+json>{{"name": "<!--<script>"}}</script>{_IMG}<script'
    f" type='application/ld+json'"
    f" src=x onload={RUN}>{{}}</script><script type=importmap>{{}}</script><script type=module>{RUN}</script>"
    "<script type=speculationrules>{}</script><script type=text/plain>kept by nobody</script>",
    "refresh": f"<meta http-equiv=refresh content='0;url={_JS}'><meta http-equiv=Refresh content=\"0;"
    f" 'data:text/html,"
    f"<script>{RUN}</script>'\"><link rel=modulepreload href=/x.js><link rel=preload as=script href=/x.js>",
    "names": f"<form onmouseover={RUN}><input name=getAttributeNames><input name=attributes><input name=remove>"
    f"<input name=shadowRoot><input name=localName><input name=replaceWith></form><img name=querySelectorAll>"
    f"<form name=documentElement onclick={RUN}></form><img name=implementation><form name=title></form>",
    "deep": "<div>" * 600 + f"<svg><style>{'<b>' * 5}</style>{_IMG}</svg>deep words" + "</div>" * 600,
    "odd"
    " attributes": f"<a\"b='x' <c=d {_IMG.replace('<', '')} x='`'>odd</a><img src=\"x` `<script>{RUN}</script>\"` `>"
    f"<a/href={_JS} title=x/>y</a><div style='background:url({_JS})'>z</div><style>@import '{_JS}';</style>",
}
"""Bodies that the origin sends."""

BUILT: Final[dict[str, str]] = {
    "style text": f"add('style', 'p::before {{ content: \"</style><script>{RUN}</script>{_IMG}\" }}')",
    "style rules": "const s = add('style', ''); s.sheet.insertRule("
    f"'p::after {{ content: \"</style>{_IMG}\" }}')",
    "adopted": "const a = new CSSStyleSheet(); a.replaceSync("
    f"'i {{ --x: \"</style>{_IMG}\" }}'); document.adoptedStyleSheets = [a]",
    "raw text": "for (const name of ['xmp', 'iframe', 'noembed', 'noframes', 'noscript', 'listing',"
    " 'textarea', 'title'])"
    f" add(name, `words of ${{name}} </${{name}}>{_IMG}`)",
    "plaintext": f"add('plaintext', '</plaintext>{_IMG}')",
    "comments": f"for (const text of ['-->{_IMG}', '--!>{_IMG}', '>{_IMG}', '->{_IMG}', 'x<!-', '{_IMG}'])"
    " document.body.append(document.createComment(text))",
    "JSON-LD": "const j = document.createElement('script'); j.type = 'application/ld+json'; j.textContent = "
    f"JSON.stringify({{name: '</script>{_IMG}<!--<script>'}}); document.head.append(j)",
    "elements in text": "for (const name of ['style', 'textarea', 'title', 'xmp', 'script']) { const e ="
    " document.createElement(name); if (name === 'script') e.type = 'application/ld+json';"
    f" const i = document.createElement('b'); i.title = '</' + name + '>{_IMG}'; e.append(i);"
    f" e.append(document.createComment('</' + name + '>{_IMG}')); document.body.append(e) }}",
    "foreign": "const svg = n => document.createElementNS('http://www.w3.org/2000/svg', n); const g = svg('svg');"
    f" const t = svg('style'); t.textContent = '</style>{_IMG}'; const p = document.createElement('p');"
    f" p.title = '</style>{_IMG}'; t.append(p); g.append(t); const x = svg('Script'); x.textContent = '{RUN}';"
    f" g.append(x); const a = svg('a'); a.setAttributeNS('http://www.w3.org/1999/xlink', 'l:href', '{_JS}');"
    " g.append(a); document.body.append(g)",
    "html in mathml": "const m = document.createElementNS('http://www.w3.org/1998/Math/MathML', 'math');"
    f" const s = document.createElement('style'); s.textContent = '{_IMG}'; m.append(s); document.body.append(m)",
    "frame": f"const f = add('iframe', ''); f.srcdoc = '<p>frame words</p><script>parent.{RUN}</script>'",
    "template with a mode": "const d = document.createElement('div'), t = document.createElement('template');"
    f" d.textContent = 'light words'; t.setAttribute('shadowrootmode', 'open'); t.innerHTML = '{_IMG}';"
    " d.append(t); document.body.append(d)",
    "out of"
    " place": "const tr = document.createElement('tr'); tr.innerHTML = '<td>lone cell</td>'; add('p', '').append(tr,"
    " document.createElement('form'), document.createElement('p')); const f = add('form', '');"
    f" f.append(document.createElement('form')); f.firstChild.innerHTML ="
    f" '<math><mtext><style></form>{_IMG}</style>'",
    "shadow": f"const r = add('div', '').attachShadow({{mode: 'closed'}}); r.innerHTML = '{_IMG}<a"
    f" href={_JS}>shadow words</a>'",
    "names": "for (const name of ['body', 'documentElement', 'querySelectorAll', 'readyState', 'implementation']) {"
    " const i = new Image(); i.name = i.id = name; document.body.append(i) }",
}
"""Scripts that build what no parser would: ``add`` puts an element with text into the body."""

_ADD: Final = (
    "const add = (name, text) => { const e = document.createElement(name); e.textContent = text;"
    " document.body.append(e); return e };"
)


def pages() -> dict[str, str]:
    """Documents by what they try; each says the same words before and after it."""
    whole = {f"{name} as text": body for name, body in PARSED.items()}
    inner = {
        f"{name} by a script": f"<div id=d></div><script>d.innerHTML = {script_text(body)}</script>"
        for name, body in PARSED.items()
    }
    built = {
        f"{name} built": f"<script>{{ {_ADD} {script} }}</script>" for name, script in _safe(BUILT).items()
    }
    head = "<title>A title</title><meta name=description content=words><script>function ran() {}</script>"
    return {
        name: f"<!doctype html><html lang=en><head>{head}</head><body><h1>Head</h1>{CONTENT}{body}<p>after it</p>"
        for name, body in (whole | inner | built).items()
    }


def script_text(text: str) -> str:
    """A text as a literal within a script element."""
    quoted = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return (
        f"`{quoted}`".replace("</script", "<\\/script")
        .replace("<script", "<\\script")
        .replace("<!--", "<\\!--")
    )


def _safe(scripts: dict[str, str]) -> dict[str, str]:
    return {
        name: script.replace("</script", "<\\/script")
        .replace("<script", "<\\script")
        .replace("<!--", "<\\!--")
        for name, script in scripts.items()
    }
