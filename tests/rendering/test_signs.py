"""When a page says that it is loading: where a person sees it say so, and nowhere else."""

import pytest

from tests.rendering.conftest import Render
from tests.rendering.hard import after
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio

SIZE = "style='display: inline-block; width: 40px; height: 40px'"

SIGNS: dict[str, str] = {
    "a spinner": f"<div class=spinner {SIZE}></div>",
    "of Bootstrap": f"<div class=spinner-border {SIZE} role=status><span hidden>Loading...</span></div>",
    "of Material UI": f"<span class='MuiSkeleton-root MuiSkeleton-text' {SIZE}></span>",
    "of Ant Design": f"<div class=ant-skeleton><h3 class=ant-skeleton-title {SIZE}></h3></div>",
    "of Element": f"<div class='el-skeleton is-animated'><p class=el-skeleton__item {SIZE}></p></div>",
    "of CSS modules": f"<div class=Spinner_root__x1Yz2 {SIZE}></div>",
    "a ring": f"<div class=lds-dual-ring {SIZE}></div>",
    "a skeleton with a text": "<div class='skeleton skeleton-text'>One, two, three</div>",
    "a region that says so": f"<section aria-busy=true {SIZE}></section>",
    "progress without an end": f"<div role=progressbar {SIZE}></div>",
    "a word": "<p>Loading…</p>",
    "a word about something": "<p>Loading products...</p>",
    "German": "<p>Wird geladen …</p>",
    "Japanese": "<p>読み込み中</p>",
}


@pytest.mark.parametrize("sign", SIGNS)
async def test_what_says_that_it_is_loading_is_waited_for(site: Site, render: Render, sign: str) -> None:
    site.pages["/api"] = after(0)
    # The answer comes by a timer that is longer than those that are expected, so only the sign is left to tell.
    script = "setTimeout(() => { more.textContent = 'The late part' }, 3100)"
    body = f"<h1>Things</h1><p>A few of them.</p><div id=more>{SIGNS[sign]}</div><script>{script}</script>"
    assert b"The late part" in (await render(site.page("/", body))).html


NO_SIGNS: dict[str, str] = {
    "spinach": "<ul class='spinach-dishes'><li>Spinach soup</ul>",
    "a machine": "<ul class=loader-l120><li>24 t<li>203 kW</ul>",
    "a machine with a plain name": "<section class=loader><h2>Wheel loader</h2></section>",
    "a wheel loader": "<p id=wheel-loader>24 t</p>",
    "a dock": "<p>Loading docks for trucks</p>",
    "a shop in German": "<p>Laden</p>",
    "skills": "<div role=progressbar aria-valuenow=80 aria-valuemax=100>CSS 80%</div>",
    "a hidden spinner": "<div class=spinner style='display: none'>x</div>",
    "a transparent spinner": f"<div style='opacity: 0'><div class=spinner {SIZE}></div></div>",
    "a clipped word": "<p style='position: absolute; width: 1px; height: 1px; overflow: hidden'>Loading…</p>",
    "a word off the page": "<p style='position: absolute; left: -9999px'>Loading…</p>",
    "a button": "<button>Loading…</button>",
    "a spinner in a button": "<button>Buy <span class=spinner-border></span></button>",
    "a bone": "<h2 class=skeleton-of-a-whale>Skeleton of a whale</h2>",
}


@pytest.mark.parametrize("name", NO_SIGNS)
async def test_what_only_looks_like_a_sign_is_a_page(site: Site, render: Render, name: str) -> None:
    body = f"<h1>Things</h1>{NO_SIGNS[name]}"
    assert (await render(site.page("/", body))).reason == "thin"
    whole = await render(site.page("/", body + CONTENT))
    assert whole.reason == "quiet"
