// Stands in for the scripts of tags: what waits for one of them is told that it is there and done. It counts nothing.
(() => {
  "use strict";
  const NAMES = /^(?:event_?callback|hit_?callback|callback|cb|done|success|loaded|onload|onready|oninit|handler)$/i;
  const here = document.currentScript?.src ?? "";
  const from = (...hosts) => hosts.some(host => here.includes(host));
  const soon = (work, ...given) => { if (typeof work === "function") setTimeout(() => work(...given)); };

  // Whatever is asked of it, it is itself again; as a promise it is nothing.
  const inert = new Proxy(function () {}, {
    get: (target, name) => name === "then" ? undefined : name === Symbol.toPrimitive ? () => "" : name === Symbol.iterator
      ? () => [][Symbol.iterator]() : name === "prototype" ? target.prototype : inert,
    apply: () => inert,
    construct: () => inert,
  });
  const like = known => new Proxy(known, { get: (target, name) => name in target ? target[name] : inert[name] });

  // Calls the functions among what was given, and those in it that are named as what is called in the end.
  function answer(given, ...told) {
    for (const one of Array.from(given ?? [])) {
      if (typeof one === "function") soon(one, ...told);
      else if (one && typeof one === "object" && !(one instanceof Node)) {
        for (const [name, work] of Object.entries(one)) if (NAMES.test(name)) soon(work, ...told);
      }
    }
  }

  // A list that pages push to: what is in it is taken, and what comes.
  function queue(name, take) {
    const list = window[name] = Array.isArray(window[name]) ? window[name] : [];
    if (Object.hasOwn(list, "push")) return list;
    const taking = list.slice();
    Object.defineProperty(list, "push", { configurable: true, writable: true, value(...all) {
      const length = Array.prototype.push.apply(list, all);
      all.forEach(take);
      return length;
    } });
    taking.forEach(take);
    return list;
  }

  // A function that a page calls, and that remembered its calls until the script came.
  function calls(name, members = {}, told = []) {
    const early = window[name]?.q ?? window[name]?.a ?? window[name]?.queue ?? [];
    const take = given => answer(given, ...told);
    const called = window[name] = like(Object.assign((...given) => take(given), { loaded: true, q: [], ...members }));
    early.forEach(take);
    return called;
  }

  // An object; a snippet may have left a list of calls in its place, each with the name of the method first.
  function object(name, known = {}) {
    const early = Array.isArray(window[name]) ? window[name].slice() : [];
    const methods = Object.fromEntries(["ready", "track", "page", "identify", "init", "on", "once", "onReady", "onLoad", "push",
      "onInit", "logEvent", "alias", "group", "capture", "register"].map(method => [method, (...given) => answer(given, made)]));
    const made = window[name] = like({ ...methods, ...known });
    for (const entry of early) {
      if (typeof entry === "function") soon(entry, made);
      else if (Array.isArray(entry) && !/middleware/i.test(entry[0])) answer(entry.slice(1), made);
    }
    return made;
  }

  function google() {
    const id = new URL(here).searchParams.get("id") ?? "";
    const list = queue(new URL(here).searchParams.get("l") ?? "dataLayer", entry => {
      if (typeof entry === "function") return soon(entry.bind({ get() {}, set() {}, reset() {} }));
      if (entry?.[0] === "get") return soon(entry[3], "");
      answer(entry?.length ? entry : [entry], id);
    });
    list.hide?.end?.();
    window.google_tag_manager ??= { [id]: { dataLayer: { get() {}, set() {}, reset() {} }, callback() {} } };
    const tracker = like({ get: name => name === "name" ? "t0" : "", set() {}, send: (...given) => answer(given) });
    if (from("analytics.js") || window.GoogleAnalyticsObject) {
      const all = { getAll: () => [tracker], getByName: () => tracker, create: () => tracker, remove() {} };
      calls(window.GoogleAnalyticsObject ?? "ga", all, [tracker]);
    }
    if (from("/ga.js", "/dc.js")) queue("_gaq", entry => { if (typeof entry === "function") soon(entry); });
    if (from("optimize.js")) window.google_optimize = { get() {} };
  }

  function advertising() {
    const cmd = window.googletag?.cmd ?? [];
    window.googletag = like({ apiReady: true, pubadsReady: true, cmd: { push: (...all) => all.forEach(work => soon(work)) } });
    cmd.forEach(work => soon(work));
    queue("adsbygoogle", () => {});
    window.google_trackConversion = () => true;
  }

  function facebook() {
    if (!from("sdk")) return Object.assign(window.fbq ?? {}, { callMethod() {}, loaded: true });
    const unknown = { status: "unknown", authResponse: null };
    const tells = told => (...given) => answer(given, told);
    window.FB = like({ init() {}, getLoginStatus: tells(unknown), login: tells(unknown), logout: tells(unknown),
      api: tells({}), ui: tells(undefined), XFBML: { parse: (_, done) => soon(done) } });
    soon(window.fbAsyncInit);
  }

  function experiments() {
    if (from("visualwebsiteoptimizer")) {
      window._vwo_code?.finish?.();
      queue("_vis_opt_queue", work => soon(work));
      return queue("VWO", entry => answer(entry));
    }
    const take = entry => { if (entry?.type === "addListener") soon(entry.handler, { type: "lifecycle", name: "initialized" }); };
    const early = Array.isArray(window.optimizely) ? window.optimizely : [];
    window.optimizely = like({ initialized: true, push: take, get: name => name === "state"
      ? like({ getActiveExperimentIds: () => [], getVariationMap: () => ({}), getExperimentStates: () => ({}) }) : inert });
    early.forEach(take);
  }

  function adobe() {
    for (const id of ["at-body-style", "alloy-prehiding"]) document.getElementById(id)?.remove();
    const offers = given => answer([given], []);
    object("_satellite", { getVar() {}, pageBottom() {}, track() {}, cookie: { get() {}, set() {} } });
    window.adobe ??= { target: like({ getOffer: offers, getOffers: () => Promise.resolve({}), trackEvent: offers }) };
    window.s ??= inert;
    window.mboxCreate ??= window.mboxDefine ??= window.mboxUpdate ??= () => {};
  }

  function features() {
    const flags = done => soon(done, [], {});
    const known = { isFeatureEnabled: () => false, getFeatureFlag() {}, onFeatureFlags: flags, get_distinct_id: () => "" };
    const early = window.posthog?._i ?? [];
    const made = object("posthog", { ...known, init: (_, how) => soon(how?.loaded, made) });
    for (const [, how] of early) soon(how?.loaded, made);
  }

  function counting() {
    const early = window.mixpanel?._i ?? [];
    const made = object("mixpanel", { get_distinct_id: () => "", init: (_, how) => soon(how?.loaded, made) });
    for (const [, how] of early) soon(how?.loaded, made);
  }

  function yandex() {
    object("Ya");
    for (const name of ["yandex_metrika_callbacks", "yandex_metrika_callbacks2"]) queue(name, work => soon(work));
    calls("ym", {}, [""]);
  }

  const failures = { wrap: work => work, withScope: work => work?.(inert), configureScope: work => work?.(inert),
    startSpan: (_, work) => work?.(inert), onLoad: work => soon(work) };
  const tags = [
    [["googletagmanager", "google-analytics", "google.com/ccm"], google],
    [["doubleclick", "googlesyndication", "googletagservices", "googleadservices", "google.com/pagead"], advertising],
    [["facebook.net"], facebook],
    [["optimizely", "visualwebsiteoptimizer"], experiments],
    [["adobedtm", "omtrdc", "demdex", "2o7"], adobe],
    [["posthog"], features],
    [["mixpanel"], counting],
    [["segment."], () => object("analytics", { user: () => like({ id() {}, anonymousId: () => "" }) })],
    [["amplitude"], () => object("amplitude", { getInstance: () => window.amplitude })],
    [["heap"], () => object("heap")],
    [["yandex"], yandex],
    [["sentry"], () => object("Sentry", failures)],
    [["bugsnag"], () => { object("Bugsnag", { start: () => inert }); calls("bugsnag"); }],
    [["rollbar"], () => object("Rollbar", failures)],
    [["logrocket", "lr-ingest"], () => object("LogRocket")],
    [["fullstory"], () => calls("FS")],
    [["hotjar"], () => calls("hj")],
    [["clarity"], () => calls("clarity")],
    [["datadog"], () => ["DD_RUM", "DD_LOGS"].forEach(name => {
      const early = window[name]?.q ?? [];
      object(name);
      early.forEach(work => soon(work));
    })],
    [["plausible"], () => calls("plausible")],
    [["fathom"], () => object("fathom")],
    [["matomo"], () => { object("Matomo"); queue("_paq", entry => soon(entry?.[0]?.bind?.(inert))); }],
    [["simpleanalytics"], () => calls("sa_event")],
    [["bing"], () => { window.UET ??= function () { return { push() {} }; }; }],
    [["criteo"], () => queue("criteo_q", () => {})],
    [["amazon-adsystem"], () => {
      const early = window.apstag?._Q ?? [];
      window.apstag = like({ init: (_, done) => soon(done), fetchBids: (_, done) => soon(done, []) });
      for (const [, given] of early) answer(given, []);
    }],
    [["onesignal"], () => {
      object("OneSignal");
      queue("OneSignalDeferred", work => soon(work, window.OneSignal));
    }],
    [["marketo"], () => object("Munchkin")],
    [["intercom"], () => calls("Intercom")],
    [["drift"], () => object("drift")],
    [["zdassets", "zopim"], () => calls("zE")],
    [["hs-scripts", "hs-analytics", "hs-banner"], () => queue("_hsq", entry => answer(entry))],
    [["smartlook"], () => calls("smartlook")],
  ];
  for (const [hosts, stand] of tags) if (from(...hosts)) stand();
})();
