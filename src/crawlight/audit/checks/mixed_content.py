"""Browsers block or warn of plain HTTP within a page over HTTPS."""

from crawlight.audit.check import Check, Found, Guidance, found, plural
from crawlight.audit.page import Page, is_secure


def find(page: Page) -> Found | None:
    """Images, scripts, frames, styles, media or forms by http on a page by https."""
    if not is_secure(page.url):
        return None
    elements = page.document.of("img", "script", "iframe", "source", "video", "audio")
    wrong = [one.snippet for one in elements if _plain(one.get("src"))]
    wrong += [form.snippet for form in page.document.of("form") if _plain(form.get("action"))]
    wrong += [link.snippet for link in page.document.links("stylesheet") if _plain(link.get("href"))]
    return found(f"{plural(len(wrong), 'element')} by plain HTTP.", wrong) if wrong else None


def _plain(url: str) -> bool:
    return url[:7].lower() == "http://"


CHECK = Check(
    id="mixed-content",
    title="The page loads things over plain HTTP",
    severity="warning",
    fix="Use https in the addresses of everything that the page loads.",
    guidance=Guidance("https://developer.mozilla.org/en-US/docs/Web/Security/Mixed_content"),
    find=find,
)
