"""Pages that wait for what no crawler needs: fonts, pictures, media, tags, service workers, permissions."""

from importlib.resources import files
from typing import Any

from tests.rendering.wild.page import PROSE, Page, answer, document

PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='100'><circle r='50' /></svg>"
"""Of a size that people see."""

FONT = files("crawlight.rendering.standins").joinpath("font.woff2").read_bytes()
"""A WOFF2 without letters."""

_FONT_FACE = "<style>@font-face { font-family: Shop; src: url(/shop.woff2) }</style>"
_FONTS = f"{_FONT_FACE}<div id=app></div><script>const text = `<h1>Fonts are here</h1>{PROSE}`;"
_AFTER_LOAD = f"{_FONTS} document.fonts.load('16px Shop').then(() => {{ app.innerHTML = text }})</script>"
_AFTER_READY = (
    f"{_FONTS} document.fonts.load('16px Shop').then(() => document.fonts.ready)"
    ".then(() => { app.innerHTML = text })</script><style>body { font-family: Shop }</style>"
)
_PICTURES = (
    f"<h1>Gallery</h1>{PROSE}<img id=first alt=Omega src=/placeholder.svg data-src=/omega.jpg><div id=second></div>"
    + """<script>
    const early = new Image();
    early.onload = () => { first.src = early.src };
    early.onerror = () => { first.src = '/broken.svg' };
    early.src = first.dataset.src;
    const other = new Image();
    other.src = '/longines.png';
    other.decode()
      .then(() => { second.append(other); other.alt = 'Longines' })
      .catch(() => { second.textContent = 'No picture' });
    </script>"""
)
_SERVICE_WORKER = (
    """<div id=app></div><script>(async () => {
      if ('serviceWorker' in navigator) {
        await navigator.serviceWorker.register('/worker.js');
        await navigator.serviceWorker.ready;
      }
      app.innerHTML = `<h1>Bread</h1>"""
    + PROSE
    + """`;
    })()</script>"""
)
_SHOWS = f"""<div id=app></div><script>
const show = name => () => {{ app.insertAdjacentHTML('beforeend', `<h1>${{name}} came</h1>{PROSE}`) }};
const fail = name => why => {{ app.insertAdjacentHTML('beforeend', `<p>${{name}} failed: ${{why}}</p>{PROSE}`) }};
"""
_PICTURE_WAYS = """
const loads = image => new Promise((done, fail) => { image.onload = done; image.onerror = fail });
const source = (tag, set) => Object.assign(document.createElement(tag), set);
const named = new Image(); named.src = '/a.jpg';
const made = source('img', {srcset: '/b.jpg 1x, /c.jpg 2x'});
const picture = source('picture', {innerHTML: "<source srcset='/d.avif' type='image/avif'><img src='/d.jpg'>"});
const shared = source('img', {crossOrigin: 'anonymous', src: 'https://cdn.test/e.png'});
const copied = source('template', {innerHTML: "<img src='/f.svg' onerror='this.remove(); fail(`Copy`)()'>"});
app.append(copied.content.cloneNode(true), picture);
app.insertAdjacentHTML('beforeend', `<img src='/g.webp' onerror="this.onerror = null; this.src = '/broken.svg'">`);
const sheet = source('div', {style: 'height: 9px; background: url(/h.png)'}); app.append(sheet);
(async () => {
  await Promise.all([loads(named), loads(made), loads(picture.lastChild), loads(shared), made.decode()]);
  for (const image of [named, made, picture.lastChild, shared]) {
    if (!image.complete || image.naturalWidth < 2 || image.naturalHeight < 2) throw 'size';
  }
  const canvas = source('canvas', {width: 1, height: 1});
  canvas.getContext('2d').drawImage(shared, 0, 0);
  canvas.toDataURL();
  show('Pictures')();
})().catch(fail('Pictures'));
</script>"""
_MEDIA_WAYS = """
const until = (name, element, ...events) => Promise.all(events.map(event => new Promise((done, fail) => {
  element.addEventListener(event, done); element.addEventListener('error', () => fail(name + element.error?.message));
})));
(async () => {
  const video = Object.assign(document.createElement('video'), {src: '/film.mp4', preload: 'auto'});
  await until('video', video, 'loadedmetadata', 'loadeddata', 'canplay', 'canplaythrough');
  await video.play();
  if (!(video.duration > 1 && video.videoWidth > 1 && video.readyState === 4)) throw 'video';
  const audio = new Audio('https://cdn.test/song.mp3');
  await Promise.all([until('audio', audio, 'canplaythrough'), audio.play()]);
  const stream = document.createElement('video');
  stream.innerHTML = "<source src='/a.webm' type='video/webm'>";
  app.append(stream);
  await until('stream', stream, 'canplay');
  show('Media')();
})().catch(fail('Media'));
</script>"""
_FACES = """
(async () => {
  const textContent = '@font-face { font-family: Shop; src: url(/shop.woff2) }';
  document.head.append(Object.assign(document.createElement('style'), {textContent}));
  const face = new FontFace('Own', 'url(https://cdn.test/own.woff)');
  await face.load();
  document.fonts.add(face);
  if (face.status !== 'loaded' || !document.fonts.check('16px Own')) throw 'check';
  await Promise.all([document.fonts.load('bold 1em Shop'), document.fonts.ready]);
  show('Faces')();
})().catch(fail('Faces'));
</script>"""
_BYTES = """
const size = async (how, url) => (await (await fetch(url))[how]()).byteLength ?? 0;
const old = url => new Promise((done, fail) => {
  const asked = new XMLHttpRequest();
  asked.open('GET', url); asked.responseType = 'blob'; asked.onload = () => done(asked.response); asked.onerror = fail;
  asked.send();
});
(async () => {
  for (const url of ['/real.png', '/real.webm', '/real.woff2', '/real.wasm', '/real.mp4']) {
    if (await size('arrayBuffer', url) !== 5000) throw url;
    if ((await old(url)).size !== 5000) throw url;
  }
  show('Bytes')();
})().catch(fail('Bytes'));
</script>"""
_WORKER_WAYS = """
(async () => {
  const workers = navigator.serviceWorker;
  const made = await workers.register('/worker.js', {scope: '/'});
  const ready = await workers.ready;
  if (ready !== made || !(made instanceof ServiceWorkerRegistration)) throw 'ready';
  if (made.active.state !== 'activated') throw 'state';
  if (!workers.controller || !(await workers.getRegistration())) throw 'controller';
  workers.controller.postMessage({type: 'SKIP_WAITING'});
  made.addEventListener('updatefound', () => location.reload());
  workers.addEventListener('controllerchange', () => location.reload());
  await made.update();
  if (await made.pushManager.getSubscription()) throw 'push';
  show('Workers')();
})().catch(fail('Workers'));
</script>"""
_PERMISSION_WAYS = """
(async () => {
  const asked = await navigator.permissions.query({name: 'geolocation'});
  asked.addEventListener('change', () => 0);
  if (asked.state === 'denied') throw 'denied';
  if ([Notification.permission, await Notification.requestPermission()].includes('denied')) throw 'notifications';
  if (!await navigator.storage.persist()) throw 'storage';
  await new Promise((found, none) => navigator.geolocation.getCurrentPosition(found, none)).catch(error => {
    if (error.code !== error.PERMISSION_DENIED) throw 'place';
  });
  await new Promise(found => navigator.geolocation.getCurrentPosition(found));
  show('Permissions')();
})().catch(fail('Permissions'));
</script>"""
_TAG_WAYS = """
window.dataLayer = [{event: 'early', eventCallback: () => came('early')}];
function gtag() { dataLayer.push(arguments) }
const wanted = new Set(['early', 'late', 'event', 'id', 'ga', 'hit', 'facebook', 'ads', 'flags', 'vwo',
  'experiments', 'beacon', 'segment', 'metrika', 'sentry', 'gtag onload', 'stylesheet']);
const came = name => { wanted.delete(name); if (!wanted.size) show('Tags')() };
window.ga = function () { (ga.q = ga.q || []).push(arguments) };
ga(() => came('ga')); ga('send', 'pageview', {hitCallback: () => came('hit')});
window.fbAsyncInit = () => { FB.init({}); FB.getLoginStatus(() => came('facebook')) };
window.googletag = {cmd: [() => { googletag.pubads().enableSingleRequest(); googletag.enableServices(); came('ads') }]};
window.posthog = Object.assign([], {_i: [['key', {loaded: one => one.onFeatureFlags(() => came('flags'))}]]});
window._vwo_code = {finish: () => came('vwo')};
window.optimizely = [{type: 'addListener', handler: () => came('experiments')}];
window.analytics = [['ready', () => came('segment')]];
window.ym = function () { (ym.a = ym.a || []).push(arguments) };
ym(1, 'reachGoal', 'seen', () => came('metrika'));
const load = (src, then) => document.head.append(Object.assign(document.createElement('script'), {src, onload: then,
  onerror: fail('Tag')}));
load('https://www.googletagmanager.com/gtag/js?id=G-1', () => {
  came('gtag onload');
  gtag('event', 'x', {event_callback: () => came('event')});
  gtag('get', 'G-1', 'client_id', () => came('id'));
  dataLayer.push({event: 'late', eventCallback: () => came('late')});
});
load('https://www.google-analytics.com/analytics.js');
load('https://connect.facebook.net/en_US/sdk.js');
load('https://securepubads.g.doubleclick.net/tag/js/gpt.js');
load('https://us-assets.i.posthog.com/static/array.js');
load('https://dev.visualwebsiteoptimizer.com/j.php?a=1');
load('https://cdn.optimizely.com/js/1.js');
load('https://cdn.segment.com/analytics.js/v1/KEY/analytics.min.js');
load('https://mc.yandex.ru/metrika/tag.js');
load('https://browser.sentry-cdn.com/8.0.0/bundle.min.js', () => {
  Sentry.init({});
  Sentry.onLoad(() => came('sentry'));
});
const headers = {'Content-Type': 'application/json'};
fetch('https://region1.google-analytics.com/g/collect', {method: 'POST', body: '{}', headers})
  .then(answer => answer.json()).then(() => came('beacon'), fail('Beacon'));
const [rel, href] = ['stylesheet', 'https://widget.intercom.io/a.css'];
const [onload, onerror] = [() => came('stylesheet'), fail('Stylesheet')];
document.head.append(Object.assign(document.createElement('link'), {rel, href, onload, onerror}));
</script>"""


def _ways(path: str, name: str, script: str, **more: Any) -> Page:
    return Page(path, document(_SHOWS + script), has=(f"<h1>{name} came</h1>",), lacks=(" failed: ",), **more)


_REAL = {
    f"/real.{name}": answer(b"x" * 5000, "image/png") for name in ("png", "webm", "woff2", "wasm", "mp4")
}
_FONT_FILE = {"/shop.woff2": answer(FONT, "font/woff2")}

PAGES = [
    Page("/font-wait", document(_AFTER_LOAD), has=("Fonts are here",), answers=_FONT_FILE),
    Page("/fonts", document(_AFTER_READY), has=("Fonts are here",), answers=_FONT_FILE),
    Page(
        "/img-preload",
        document(_PICTURES),
        has=('src="/omega.jpg"', 'alt="Longines"'),
        lacks=("/broken.svg", "No picture"),
        answers={
            "/placeholder.svg": answer("<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
            "/omega.jpg": answer(PICTURE, "image/svg+xml"),
            "/longines.png": answer(PICTURE, "image/svg+xml"),
        },
    ),
    Page(
        "/service-worker",
        document(_SERVICE_WORKER),
        has=("<h1>Bread</h1>",),
        answers={"/worker.js": answer("addEventListener('fetch', () => {})", "text/javascript")},
    ),
    _ways("/pictures", "Pictures", _PICTURE_WAYS),
    _ways("/media", "Media", _MEDIA_WAYS),
    _ways("/faces", "Faces", _FACES),
    _ways("/bytes", "Bytes", _BYTES, answers=_REAL),
    _ways("/workers", "Workers", _WORKER_WAYS),
    _ways("/permissions", "Permissions", _PERMISSION_WAYS),
    _ways("/tags", "Tags", _TAG_WAYS),
]
