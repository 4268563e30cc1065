// Evaluated in a page: what a person sees of it, and what its head says, as plain values.
(most => {
  "use strict";
  // Text that is no part of the page: banners of consent tools, chats and advertising.
  const BESIDE = "#onetrust-consent-sdk, #CybotCookiebotDialog, #usercentrics-root, #didomi-host, .qc-cmp2-container,"
    + " .osano-cm-window, #hs-eu-cookie-confirmation, .cc-window, #cookie-law-info-bar, #cookiescript_injected,"
    + " #iubenda-cs-banner, .truste_box_overlay, #sp_message_container, ins.adsbygoogle, [id^='google_ads_iframe'],"
    + " .grecaptcha-badge, #intercom-container, .intercom-lightweight-app, .crisp-client, #drift-widget-container,"
    + " #hubspot-messages-iframe-container, #tawkchat-container, #launcher";
  const SEEN = { opacityProperty: true, visibilityProperty: true };
  const scopes = [document];
  for (const scope of scopes) {
    for (const element of scope.querySelectorAll("*")) if (element.shadowRoot) scopes.push(element.shadowRoot);
  }
  const all = selector => scopes.flatMap(scope => Array.from(scope.querySelectorAll(selector)));
  const isBeside = element => element.closest(BESIDE) !== null;

  const blocks = new Map();
  function blockOf(element) {
    let block = blocks.get(element);
    if (!block) {
      const inline = /^(inline|contents)/.test(getComputedStyle(element).display);
      block = inline && element.parentElement ? blockOf(element.parentElement) : element;
      blocks.set(element, block);
    }
    return block;
  }

  const text = [];
  let last = null, left = most;
  for (const scope of scopes) {
    const walker = document.createTreeWalker(scope.body ?? scope, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node && left > 0; node = walker.nextNode()) {
      const element = node.parentElement ?? scope.host;
      if (!element || node.data.trim() === "" || !element.checkVisibility(SEEN) || isBeside(element)) continue;
      const block = blockOf(element);
      if (block === last) text[text.length - 1] += node.data;
      else text.push(node.data);
      left -= node.data.length;
      last = block;
    }
  }

  const contents = (selector, read) => Array.from(document.querySelectorAll(selector), read);
  const http = url => /^https?:/.test(url);
  const bare = url => url.split("#")[0];
  const metas = contents("meta[name='robots' i], meta[name='googlebot' i], meta[name='bingbot' i]",
    meta => `${meta.name.toLowerCase()}: ${meta.content}`);
  const isOwn = url => { try { return new URL(url).origin === location.origin; } catch { return false; } };
  // A picture of one point from elsewhere counts visitors, and shows them nothing.
  const isLoaded = one => one.naturalWidth > (isOwn(one.currentSrc || one.src) ? 0 : 1);
  const pictures = all("img").filter(one => one.checkVisibility(SEEN) && !isBeside(one));
  return {
    url: location.href,
    status: performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0,
    done: document.readyState === "complete",
    height: Math.max(document.documentElement?.scrollHeight ?? 0, document.body?.scrollHeight ?? 0),
    head: {
      title: [document.title],
      description: contents("meta[name='description' i]", meta => meta.content),
      canonical: contents("link[rel~='canonical' i]", link => link.href),
      robots: metas,
      hreflang: contents("link[rel~='alternate' i][hreflang]", link => `${link.hreflang} ${link.href}`),
      "JSON-LD": contents("script[type^='application/ld+json' i]", script => script.textContent),
    },
    text: text.map(one => one.replace(/\s+/g, " ").trim()),
    links: [...new Set(all("a[href]").filter(one => !isBeside(one)).map(one => bare(one.href)).filter(http))],
    pictures: [...new Set(pictures.map(one => one.currentSrc || one.src).filter(http))],
    loaded: [...new Set(pictures.filter(isLoaded).map(one => one.currentSrc || one.src).filter(http))],
  };
})
