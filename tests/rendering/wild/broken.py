"""Pages that ended renders: half an emoji, addresses of apps, documents that are written anew."""

from aiohttp import web

from crawlight.kit.zstd import zstd
from tests.rendering.wild.page import PROSE, TEXT, Page, document

_HALF_AN_EMOJI = (
    f"<h1>Pizza</h1>{PROSE}"
    + """<script>
    const text = 'Pizza from the wood fire and fresh pasta in the old town, every day from noon. '.repeat(2);
    const about = document.createElement('meta');
    about.name = 'description';
    about.content = (text.slice(0, 158) + '\\u{1F355}').slice(0, 159);
    document.head.append(about);
    </script>"""
)
_WRITTEN_ANEW = (
    """<p>A frame</p><script>
    window.prerenderReady = false;
    addEventListener('load', () => {
      document.open();
      document.write('<!doctype html><title>Written</title><body><h1>Written</h1><x-a></x-a><p id=late></p></body>');
      document.close();
      const root = document.querySelector('x-a').attachShadow({mode: 'open'});
      root.innerHTML = '<p>In the shadow after open: """
    + TEXT
    + """</p>';
      setTimeout(() => { late.textContent = 'Late text'; window.prerenderReady = true }, 900);
    })</script>"""
)


def _calls(address: str) -> str:
    return document(f"<h1>Open in the app</h1>{PROSE}<script>location.href = '{address}'</script>")


async def _compressed(_: web.Request) -> web.Response:
    body = zstd.compress(document(f"<h1>Zstandard</h1>{PROSE}").encode())
    return web.Response(body=body, content_type="text/html", headers={"Content-Encoding": "zstd"})


PAGES = [
    Page(
        "/emoji-meta",
        document(_HALF_AN_EMOJI, title="Pizza"),
        has=('name="description"', "Pizza from the wood"),
    ),
    Page("/deeplink", _calls("watchshop://item/1"), has=("Open in the app",)),
    Page("/mail", _calls("mailto:a@example.com"), has=("Open in the app",)),
    Page("/docopen", document(_WRITTEN_ANEW), has=("In the shadow after open", "Late text"), title="Written"),
    Page("/zstd", _compressed, has=("<h1>Zstandard</h1>",)),
]
