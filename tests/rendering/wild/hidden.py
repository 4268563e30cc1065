"""Pages that hide themselves for a moment: while a test is chosen, or until they have faded in."""

from tests.rendering.wild.page import PROSE, Page, document

_ASYNC_HIDE = """<style>.async-hide { opacity: 0 !important }</style><script>(root => {
    root.className += ' async-hide';
    setTimeout(() => { root.className = root.className.replace(/ ?async-hide/, '') }, 4000);
    })(document.documentElement)</script>
    <script async src="https://www.googletagmanager.com/gtag/js?id=G-0"></script>"""
_FADES = (
    "<h1>Fades</h1>"
    + "".join(
        "<section style='opacity: 0; transform: translateY(30px); min-height: 300px'>"
        f"<h2>Part {number}</h2>{PROSE}</section>"
        for number in range(6)
    )
    + """<script>document.querySelectorAll('section').forEach((section, number) => {
    const frames = [{opacity: 0, transform: 'translateY(30px)'}, {opacity: 1, transform: 'none'}];
    const fade = section.animate(frames, {duration: 600, delay: 150 * number, fill: 'both'});
    fade.onfinish = () => { section.style.opacity = 1; section.style.transform = 'none' };
    })</script>"""
)

PAGES = [
    Page(
        "/async-hide",
        document(f"<h1>One of two prices</h1>{PROSE}", head=_ASYNC_HIDE),
        has=("One of two prices",),
        lacks=('class="async-hide', 'class=" async-hide'),
    ),
    Page("/fade-inline", document(_FADES), has=("Part 5",), lacks=("opacity: 0", "opacity:0")),
]
