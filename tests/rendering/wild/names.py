"""Pages that ask who they are: what the browser and the headers say of their host stands in them."""

import json

from aiohttp import web

from tests.rendering.wild.page import PROSE, Page, answer, document

_CANONICAL = (
    f"<h1>Canonical</h1>{PROSE}<a id=next href=/next>next</a>"
    + """<script>
    const add = (name, values) => {
      const made = document.createElement(name);
      for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
      document.head.append(made);
    };
    add('link', {rel: 'canonical', href: location.origin + location.pathname});
    add('meta', {property: 'og:url', content: location.href});
    next.href = new URL('/next', location.href).href;
    </script>"""
)
_WRITTEN = f"<h1>Address</h1><p id=written></p>{PROSE}<script>written.textContent = location.href</script>"


async def echo(request: web.Request) -> web.Response:
    """The request's headers as JSON, keys in lower case, in ``pre#headers``."""
    headers = json.dumps({name.lower(): value for name, value in request.headers.items()})
    return web.Response(
        text=document(f"<h1>Echo</h1><pre id=headers>{headers}</pre>{PROSE}"), content_type="text/html"
    )


PAGES = [
    Page("/echo", echo, has=("<h1>Echo</h1>",)),
    Page("/loc-canonical", document(_CANONICAL), has=('rel="canonical"', 'property="og:url"')),
    Page("/u/größe", answer(document(_WRITTEN)), has=("/u/gr%C3%B6%C3%9Fe",)),
    Page("/u/a b", answer(document(_WRITTEN)), has=("/u/a%20b",)),
]
