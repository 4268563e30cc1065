"""The window is as high as the page, also where an app scrolls within it, and as high as ever for the next page."""

import asyncio

import pytest

from crawlight.rendering.renderer import Renderer
from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio

LAZY = """<script>
  const seen = new IntersectionObserver(found => found.forEach(one => {
    if (one.isIntersecting) one.target.textContent = 'Seen ' + one.target.id;
  }));
  document.querySelectorAll('.lazy').forEach(one => seen.observe(one));
</script>"""
PARTS = "".join(f"<section class=lazy id=part{n} style='height:900px'></section>" for n in range(6))
SCROLLER = "<style>html, body { margin: 0; height: 100% } .app { height: 100vh; overflow-y: auto }</style>"
FRAMES = {
    "page": "PARTS",
    "scroller": f"{SCROLLER}<div class=app>PARTS</div>",
    "fixed": f"{SCROLLER}<div class=app style='position:fixed;inset:0'><main>PARTS</main></div>",
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
async def test_what_waits_to_come_into_view_is_there(site: Site, render: Render, frame: str) -> None:
    page = await render(site.page("/", frame.replace("PARTS", f"<h1>App</h1>{CONTENT}{PARTS}") + LAZY))
    for number in range(6):
        assert f"Seen part{number}".encode() in page.html


async def test_the_next_page_has_a_window_of_the_usual_height(
    site: Site, render: Render, renderer: Renderer
) -> None:
    told = "<p id=height></p><script>height.textContent = 'height ' + innerHeight</script>"
    site.page("/tall", f"{CONTENT}{PARTS}")
    site.page("/told", f"{told}{CONTENT}")
    for path in ("/told", "/tall", "/told", "/tall", "/told"):
        page = await render(site.url + path, domain_id=80)
        while (browser := renderer.supervisor.current) and browser.busy:
            await asyncio.sleep(0.01)
        assert path == "/tall" or b">height 1600<" in page.html
