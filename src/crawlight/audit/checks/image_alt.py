"""Images have alternative texts."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.document import Element
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural


def find(page: Page) -> Found | None:
    """Images without an alt attribute (an empty one is right for decoration), or another name."""
    wrong = [
        image.snippet
        for image in page.document.of("img")
        # White space only names nothing, and is no sign of decoration either.
        if (alt := image.node.attrs.get("alt", " ")) and not alt.strip() and not _is_named(image)
    ]
    return found(f"{plural(len(wrong), 'image')} without alternative text.", wrong) if wrong else None


def _is_named(image: Element) -> bool:
    """Whether an image without alternative text has another name, or is said to be decoration."""
    if image.get("role") in ("presentation", "none") or image.get("aria-hidden") == "true":
        return True
    return any(image.get(name) for name in ("aria-label", "aria-labelledby", "title"))


CHECK = Check(
    id="image-alt",
    title="Images lack alternative texts",
    severity="warning",
    fix=("Describe what each image shows in its alt attribute; leave alt empty where it is decoration only."),
    guidance=Guidance("https://developers.google.com/search/docs/appearance/google-images"),
    find=find,
)
