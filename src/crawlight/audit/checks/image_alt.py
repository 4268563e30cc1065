"""Images have alternative texts."""

from crawlight.audit.check import Check, Found, Guidance, found, plural
from crawlight.audit.document import Element
from crawlight.audit.page import Page


def find(page: Page) -> Found | None:
    """Images without an alt attribute (an empty one is right for decoration), or another name."""
    wrong = [image.snippet for image in page.document.of("img") if not _has_text(image)]
    return found(f"{plural(len(wrong), 'image')} without alternative text.", wrong) if wrong else None


def _has_text(image: Element) -> bool:
    # An alt attribute of white space only names nothing and is no sign of decoration either.
    alt = image.attributes.get("alt", " ")
    if not alt or alt.strip():
        return True
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
