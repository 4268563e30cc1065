"""The copy of a page that is written has all that the page has."""

import pytest

from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio


async def test_noscript_pictures_and_nested_shadow_roots_are_written(site: Site, render: Render) -> None:
    body = (
        CONTENT + '<noscript><img src="a.png?a=1&amp;b=2" alt="a <picture>"></noscript><x-a>light</x-a>'
        "<script>const outer = document.querySelector('x-a').attachShadow({mode: 'open', delegatesFocus: true});"
        "outer.innerHTML = '<style>p { color: red }</style><p>outer</p><x-b></x-b>';"
        "const inner = outer.querySelector('x-b').attachShadow({mode: 'closed'}); inner.innerHTML = '<b>inner</b>';"
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('b { color: blue }');"
        "inner.adoptedStyleSheets = [sheet];</script>"
    )
    html = (await render(site.page("/", body))).html.decode()
    assert '<noscript><img src="a.png?a=1&amp;b=2" alt="a &lt;picture&gt;"></noscript>' in html
    assert 'shadowrootdelegatesfocus=""><style>p { color: red }</style><p>outer</p><x-b>' in html
    assert "<b>inner</b><style>b { color: blue; }</style></template></x-b></template>light</x-a>" in html
