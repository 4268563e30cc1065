"""Shadow roots that the origin wrote, and sheets that many roots share."""

from tests.rendering.wild.page import PROSE, TEXT, Page, document

_DECLARED = (
    "<h1>Design system</h1><my-card><template shadowrootmode=open><style>p { color: red }</style><p>Price list: "
    f"{TEXT}</p><slot></slot></template><span>light</span></my-card>"
    "<my-closed><template shadowrootmode=closed><p>Closed text</p></template></my-closed>"
)
_ADOPTED = (
    f"<h1>Components</h1>{PROSE}<div id=all></div>"
    + """<script>
    const sheet = new CSSStyleSheet();
    const rule = (_, n) => `.c${n} { color: rgb(${n % 255}, 0, 0); padding: ${n}px; margin: 0 auto }`;
    sheet.replaceSync(Array.from({length: 600}, rule).join(''));
    for (let n = 0; n < 250; n++) {
      const button = document.createElement('x-button');
      const root = button.attachShadow({mode: 'open'});
      root.adoptedStyleSheets = [sheet];
      root.innerHTML = '<b>Button ' + n + '</b>';
      all.append(button);
    }</script>"""
)

PAGES = [
    Page("/dsd", document(_DECLARED), has=("Price list:", "Closed text", "shadowrootmode")),
    Page("/adopted-many", document(_ADOPTED), has=("Button 0<", "Button 249<", "shadowrootmode")),
]
