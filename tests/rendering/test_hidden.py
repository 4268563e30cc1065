"""What is hidden for a moment is not kept hidden: the snapshot looks, without scripts, as the page does."""

import pytest

from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio

HEADING = "<h1 id=head>A thing to read</h1>"
FADES = "section.style.opacity = t; section.style.transform = `translateY(${30 * (1 - t)}px)`"
FRAMES = "{opacity: [0, 1], transform: ['translateY(30px)', 'none']}"
SECTION = f"{HEADING}<section id=section style='opacity: 0'>{CONTENT}</section>"

MOMENTS: dict[str, str] = {
    "a test is chosen (Optimize)": "<style>.async-hide { opacity: 0 !important }</style><script>"
    f"document.documentElement.className += ' async-hide'</script>{HEADING}{CONTENT}",
    "a test is chosen (VWO)": "<style id=_vis_opt_path_hides>body { opacity: 0 !important }</style>"
    f"{HEADING}{CONTENT}",
    "a test is chosen (Target)": "<style id=at-body-style>body { opacity: 0 !important }</style>"
    f"{HEADING}{CONTENT}",
    "a test is chosen by a script of the site": "<style id=x>body { visibility: hidden }</style><script>"
    f"setTimeout(() => x.remove(), 3500)</script>{HEADING}{CONTENT}",
    "a fade of the Web Animations API": f"{SECTION}<script>const a = section.animate({FRAMES}, {{duration: 4000,"
    " delay: 900, fill: 'both'}); a.onfinish = () => { section.style.opacity = 1; a.cancel() }</script>",
    "one fade after the other": f"{SECTION}<script>const go = n => {{ const a = section.animate({FRAMES}, 900);"
    " a.finished.then(() => n ? go(n - 1) : section.style.opacity = 1) }; go(4)</script>",
    "frames by script": f"{SECTION}<script>let t = 0; (function step() {{ t = Math.min(1, t + 0.02); {FADES};"
    " if (t < 1) requestAnimationFrame(step) })()</script>",
    "a transition of CSS": "<style>#section { transition: opacity 5s } #section.in { opacity: 1 !important }</style>"
    f"{SECTION}<script>requestAnimationFrame(() => requestAnimationFrame(() => section.className = 'in'))</script>",
    "classes of a transition": "<style>.fade-enter-from { opacity: 0 }</style>"
    f"{HEADING}<section id=section class='fade-enter-active fade-enter-from'>{CONTENT}</section><script>"
    "setTimeout(() => { section.className = '' }, 700)</script>",
    "a main part that comes": f"{HEADING}<main id=m style='visibility: hidden'>{CONTENT}</main><script>"
    "setTimeout(() => { m.style.visibility = '' }, 3300)</script>",
    "a heading that is typed": f"<h1 id=head></h1>{CONTENT}<script>const all = 'A thing to read'; let n = 0;"
    "const type = () => { head.textContent = all.slice(0, ++n); if (n < all.length) setTimeout(type, 60) };"
    "setTimeout(type, 600)</script>",
    "a heading typed in a rhythm": f"<h1 id=head></h1>{CONTENT}<script>const all = 'A thing to read'; let n = 0;"
    "const id = setInterval(() => { head.textContent = all.slice(0, ++n); if (n === all.length) clearInterval(id) },"
    "70)</script>",
    "a heading that comes late": f"<h1 id=head></h1>{CONTENT}<script>"
    "setTimeout(() => { head.textContent = 'A thing to read' }, 3300)</script>",
}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_snapshot_looks_as_the_page_does(site: Site, render: Render, moment: str) -> None:
    snapshot = await render(site.page("/", MOMENTS[moment]))
    assert snapshot.status == 200
    site.pages["/snapshot"] = snapshot.html.decode()
    shown = await render(site.url + "/snapshot", screenshot=True)
    whole = f"{HEADING}<section>{CONTENT}</section>"
    if "<main" in MOMENTS[moment]:
        whole = f"{HEADING}<main>{CONTENT}</main>"
    elif "<section" not in MOMENTS[moment]:
        whole = f"{HEADING}{CONTENT}"
    page = await render(site.page("/whole", whole), screenshot=True)
    assert shown.screenshot == page.screenshot


async def test_a_page_that_stays_hidden_is_taken_in_the_end(site: Site, render: Render) -> None:
    page = await render(site.page("/", f"<main style='opacity: 0'>{CONTENT}</main>"))
    assert CONTENT.encode() in page.html


async def test_what_moves_for_ever_holds_nothing_up(site: Site, render: Render) -> None:
    body = (
        f"{HEADING}{CONTENT}<p id=a style='opacity: 0.5'>1</p><script>let n = 0; setInterval(() => {{"
        "a.style.opacity = Math.abs(Math.sin(n++)); a.animate({opacity: [0, 1]}, 300) }, 50);"
        "a.animate({opacity: [0, 1]}, {duration: 900, iterations: Infinity})</script>"
    )
    page = await render(site.page("/", body), timeout=9.0)
    assert CONTENT.encode() in page.html
