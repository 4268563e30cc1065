"""Pages that are there, although their titles have what titles of error pages have."""

from tests.rendering.wild.page import Page, document

_PLUMBING = (
    "<h1>Peachtree Plumbing, Atlanta</h1><p>Call (404) 555-0134 for repairs at any hour. We fix burst pipes, water"
    " heaters, drains and gas lines in Fulton and DeKalb county. Licensed and insured since 1988.</p>"
    "<ul><li>Water heaters</li><li>Drains</li><li>Gas lines</li></ul>"
)
_ROOM = (
    "<h1>Room 404: Junior Suite</h1><p>40 square metres on the fourth floor with a king bed, a bath with a view, and a"
    " balcony above the river. From 210 euros a night with breakfast.</p>"
)

PAGES = [
    Page("/atlanta", document(_PLUMBING, title="Plumber in Atlanta | (404) 555-0134"), has=("Gas lines",)),
    Page("/room-404", document(_ROOM, title="Room 404 - Hotel Aurora"), has=("a king bed",)),
]
