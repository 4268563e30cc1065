"""Redirects of servers in all spellings, and single-page apps on hosts that know only files."""

from aiohttp import web

from tests.rendering.site import Handler
from tests.rendering.wild.page import PROSE, Page, answer, document


def to(location: str) -> Handler:
    """A redirect that says where to as it is written."""

    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    return handle


# The 404 page of a host sends the path to the app as a query, and the app puts it back.
_TO_QUERY = """<script>
    const at = window.location;
    at.replace(at.origin + '/gh/?/' + at.pathname.slice(4).replace(/&/g, '~and~') + at.hash);
    </script>"""
_FROM_QUERY = """<script>(at => {
    if (at.search[1] !== '/') return;
    const path = at.search.slice(1).split('&').map(part => part.replace(/~and~/g, '&')).join('?');
    history.replaceState(null, null, at.pathname.slice(0, -1) + path + at.hash);
    })(window.location)</script>"""
_TO_STORAGE = (
    "<script>sessionStorage.redirect = location.href</script>"
    "<meta http-equiv=refresh content=\"0;URL='/sm/'\">"
)
_FROM_STORAGE = """<script>(() => {
    const asked = sessionStorage.redirect;
    delete sessionStorage.redirect;
    if (asked && asked !== location.href) history.replaceState(null, null, asked);
    })()</script>"""
_ROUTE = f"<div id=app></div><script>app.innerHTML = '<h1>Route ' + location.pathname + '</h1>' + `{PROSE}`</script>"
_SLASH = f"<h1>Shop</h1>{PROSE}<script>history.replaceState(null, '', '/slash/')</script>"

PAGES = [
    Page("/r-hash", to("/landing#part-2"), status=302, location="/landing#part-2"),
    Page("/r-relative", to("landing?x=1#y"), status=302, location="/landing?x=1#y"),
    Page("/r-space", to("/landing page"), status=302, location="/landing%20page"),
    Page("/r-utf8", to("/größe"), status=302, location="/gr%C3%B6%C3%9Fe"),
    Page("/r-query-order", to("/landing?b=2&a=1"), status=302, location="/landing?b=2&a=1"),
    Page("/r-elsewhere", to("https://other.example/x"), status=302, location="https://other.example/x"),
    Page(
        "/gh/shop/watches",
        answer(document("", head=_TO_QUERY, title="Redirecting"), status=404),
        has=("<h1>Route /gh/shop/watches</h1>",),
        answers={"/gh/": answer(document(_ROUTE, head=_FROM_QUERY))},
    ),
    Page(
        "/sm/shop",
        answer(document("", head=_TO_STORAGE, title="Redirecting"), status=404),
        has=("<h1>Route /sm/shop</h1>",),
        answers={"/sm/": answer(document(_ROUTE, head=_FROM_STORAGE))},
    ),
    Page("/slash", document(_SLASH), has=("<h1>Shop</h1>",)),
]
