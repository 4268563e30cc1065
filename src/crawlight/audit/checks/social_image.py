"""Link previews fetch the image by its full address."""

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

_NAMES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")


def find(page: Page) -> Found | None:
    """Preview images with an address that is not absolute."""
    metas = [meta for name in _NAMES for meta in page.document.metas(name) if meta.get("content")]
    wrong = [
        meta.snippet for meta in metas if not meta.get("content").lower().startswith(("https://", "http://"))
    ]
    return found("The address of a preview image is not absolute.", wrong) if wrong else None


CHECK = Check(
    id="social-image",
    title="The preview image has a relative address",
    severity="warning",
    fix="Write the address of the image in full, beginning with https://.",
    guidance=Guidance("https://ogp.me/"),
    find=find,
)
