// Runs in the world of watch.js: what of a page search engines go by, to compare two moments of it.
(() => {
  "use strict";
  const { roots } = globalThis.crawlight;
  // What changes without the page being another: what turns, ticks, sells, asks or chats.
  const RESTLESS = new RegExp("carousel|swiper|slick|slider|slideshow|splide|glide|flickity|marquee|ticker|countdown|clock|timer|counter|odometer|" +
    "cookie|consent|onetrust|gdpr|newsletter|popup|toast|snackbar|notification|chat|intercom|adsbygoogle|advert|sponsor|google_ads|(?:^|[\\s_-])ads?(?:[\\s_-]|$)", "i");
  const SKIPPED = "script,style,noscript,template,iframe,dialog,time,ins,marquee,[role=dialog],[role=alertdialog],[role=alert],[role=timer],[role=marquee]," +
    "[role=status],[aria-live=polite],[aria-live=assertive],[aria-roledescription=carousel],[hidden]";
  const isRestless = element => element.matches(SKIPPED) || RESTLESS.test(`${element.getAttribute("class") ?? ""} ${element.id}`);
  const MOST = 200000; // characters

  function read(node, texts, links) {
    for (let child = node.firstChild; child && texts.text.length < MOST; child = child.nextSibling) {
      if (child.nodeType === 3) { if (child.data.trim()) texts.text += ` ${child.data}`; continue; }
      if (child.nodeType !== 1 || (child !== document.body && isRestless(child))) continue;
      if (child.tagName === "A" && child.hasAttribute("href")) links.add(child.getAttribute("href").split("?")[0]);
      read(child, texts, links);
    }
  }

  const contents = (selector, what) => Array.from(document.querySelectorAll(selector), what);
  // Null where nothing has changed since the given count of changes.
  globalThis.crawlight.outline = since => {
    const { changes, quiet } = globalThis.crawlight.changed();
    if (changes === since) return null;
    const [texts, links] = [{ text: "" }, new Set()];
    for (const scope of [document.body, ...roots()]) if (scope) read(scope, texts, links);
    return JSON.stringify({
      changes, quiet, title: document.title, heading: document.querySelector("h1")?.textContent.trim() ?? "", text: texts.text.slice(0, MOST),
      links: Array.from(links),
      head: [
        ...contents("meta[name],meta[property]", meta => `${meta.name || meta.getAttribute("property")}=${meta.content}`),
        ...contents("link[rel~=canonical],link[rel~=alternate],link[rel~=next],link[rel~=prev]", link => `${link.rel} ${link.hreflang} ${link.href}`),
        ...contents("script[type='application/ld+json' i]", data => data.textContent.trim()),
      ],
    });
  };
})();
