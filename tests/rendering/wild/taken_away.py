"""Pages that wait for what no crawler needs: fonts, pictures, service workers."""

import base64

from tests.rendering.wild.page import PROSE, Page, answer, document

PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='100'><circle r='50' /></svg>"
"""Of a size that people see."""

FONT = base64.b64decode(
    "d09GMgABAAAAAAD4AAoAAAAAAkAAAACwAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAABmAALAoBKgE2AiQDBAsEAAQgBVoHJBuxAQAeg2176TslxE56"
    "cpZWTojnfz/Zue/9MRSxOMS4kgwWSyp2pc/83zZQBN/1ObyO4zjiiE5BRI3Oqx+cxf25wXHAhZpiRoPxqAsNOMjgIQuKTPu6mVLnyEcG4234aQeF"
    "xqYFm+GBUjAncwogoAAAMAAQhNftc2J/xv7BVyyfF9AKhN6nkgMQAEByIAjw8CmKpYWyWrSMkzi79CpX90VZrqE25KbleELTXUPZgMIMAAA="
)
"""A WOFF2 without a glyph, made for these pages."""

_FONT_FACE = "<style>@font-face { font-family: Shop; src: url(/shop.woff2) }</style>"
_FONTS = f"{_FONT_FACE}<div id=app></div><script>const text = `<h1>Fonts are here</h1>{PROSE}`;"
_AFTER_LOAD = f"{_FONTS} document.fonts.load('16px Shop').then(() => {{ app.innerHTML = text }})</script>"
_AFTER_READY = (
    f"{_FONTS} document.fonts.load('16px Shop').then(() => document.fonts.ready)"
    ".then(() => { app.innerHTML = text })</script><style>body { font-family: Shop }</style>"
)
_PICTURES = (
    f"<h1>Gallery</h1>{PROSE}<img id=first alt=Omega src=/placeholder.svg data-src=/omega.jpg><div id=second></div>"
    + """<script>
    const early = new Image();
    early.onload = () => { first.src = early.src };
    early.onerror = () => { first.src = '/broken.svg' };
    early.src = first.dataset.src;
    const other = new Image();
    other.src = '/longines.png';
    other.decode()
      .then(() => { second.append(other); other.alt = 'Longines' })
      .catch(() => { second.textContent = 'No picture' });
    </script>"""
)
_SERVICE_WORKER = (
    """<div id=app></div><script>(async () => {
      if ('serviceWorker' in navigator) {
        await navigator.serviceWorker.register('/worker.js');
        await navigator.serviceWorker.ready;
      }
      app.innerHTML = `<h1>Bread</h1>"""
    + PROSE
    + """`;
    })()</script>"""
)
_FONT_FILE = {"/shop.woff2": answer(FONT, "font/woff2")}

PAGES = [
    Page("/font-wait", document(_AFTER_LOAD), has=("Fonts are here",), answers=_FONT_FILE),
    Page("/fonts", document(_AFTER_READY), has=("Fonts are here",), answers=_FONT_FILE),
    Page(
        "/img-preload",
        document(_PICTURES),
        has=('src="/omega.jpg"', 'alt="Longines"'),
        lacks=("/broken.svg", "No picture"),
        answers={
            "/placeholder.svg": answer("<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
            "/omega.jpg": answer(PICTURE, "image/svg+xml"),
            "/longines.png": answer(PICTURE, "image/svg+xml"),
        },
    ),
    Page(
        "/service-worker",
        document(_SERVICE_WORKER),
        has=("<h1>Bread</h1>",),
        answers={"/worker.js": answer("addEventListener('fetch', () => {})", "text/javascript")},
    ),
]
