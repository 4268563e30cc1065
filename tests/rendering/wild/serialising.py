"""Pages that say something else when they are written carelessly."""

from tests.rendering.wild.page import PROSE, Page, answer, document

_JSON_LD = (
    f"<h1>Data</h1>{PROSE}"
    + """<script>
    const data = document.createElement('script');
    data.type = 'application/ld+json';
    data.textContent = JSON.stringify({'@type': 'Product', name: 'How to close a <\\/script> tag <b>bold</b>'});
    document.head.append(data);
    </script>"""
)
_XHTML = (
    '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"'
    ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">'
    '<head><title>XHTML page</title><meta name="description" content="Strict page"/>'
    '<link rel="canonical" href="/xhtml"/>'
    '<script type="text/javascript">//<![CDATA[\nvar sum = 1 + 1;\n//]]></script>'
    '<style type="text/css">p { color: red }</style></head>'
    f'<body><h1>XHTML</h1>{PROSE}<br/><div id="empty"></div><a href="/next">next</a></body></html>'
)

PAGES = [
    Page(
        "/ld-inject",
        document(_JSON_LD),
        has=("How to close a \\u003c/script> tag",),
        lacks=("</script> tag", "<b>bold</b>"),
    ),
    Page(
        "/xhtml",
        answer(_XHTML, "application/xhtml+xml"),
        has=('content="Strict page"', 'rel="canonical"', "<h1>XHTML</h1>"),
        title="XHTML page",
    ),
]
