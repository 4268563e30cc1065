// Runs in the world of watch.js: what of a page is hidden for a moment, and on its way to be seen.
(() => {
  "use strict";
  // Marks of tools for tests, which hide a page until they have chosen. They are not loaded, so nothing is chosen.
  const HIDING_STYLES = "#_vis_opt_path_hides,#at-body-style,#alloy-prehiding,#mbox-prehiding,#kameleoonLoadingStyleSheet,#optly-hide,#abhide,#convert_hide_body," +
    "#dy-hide,#ab-tasty-anti-flicker,#monetate-hide,#antiflicker,#anti-flicker,#at-makers-style,#flicker-free,[id^='vwo-hide'],[id^='mbox-name']";
  const HIDING_CLASSES = ["async-hide", "optimizely-hide", "vwo-hide", "ab-hide", "anti-flicker", "antiflicker", "at-hide", "convert-hide", "dy-hide", "loading-optimize"];
  const HIDES = new RegExp(`^\\s*(?:(?:html)?\\.(?:${HIDING_CLASSES.join("|")})\\s*\\*?\\s*\\{[^}]*\\}\\s*)+$`);
  // Classes of an element while it comes or goes: of Vue, React Transition Group, Svelte, Alpine.
  const PASSING = /(^|[\s-])(enter|appear|leave)-(from|active|to|start)(\s|$)/;
  const PASSING_LIKELY = "[class*='-enter-'],[class*='-appear-'],[class*='-leave-'],[data-closed][data-transition]";

  function unhide() {
    const root = document.documentElement;
    for (const element of [root, document.body]) {
      if (!element || !HIDING_CLASSES.some(name => element.classList.contains(name))) continue;
      element.classList.remove(...HIDING_CLASSES);
      if (!element.classList.length) element.removeAttribute("class");
    }
    for (const style of document.querySelectorAll("style")) {
      if (style.matches(HIDING_STYLES) || HIDES.test(style.textContent)) style.remove();
    }
  }

  // End what would end by itself. What hangs on the end of it happens in the next frame.
  function finish() {
    let finished = 0;
    for (const animation of document.getAnimations()) {
      const ends = animation.effect?.getComputedTiming().endTime;
      if (animation.playState === "finished" || animation.playState === "paused" || !Number.isFinite(Number(ends)) || !ends) continue;
      try { animation.finish(); finished++; } catch {} // it follows something else than time
    }
    return finished;
  }

  // What a script fades or moves frame by frame.
  const posture = () => Array.from(document.querySelectorAll("[style*=opacity]"), ({ style }) => style.opacity + style.transform).join();
  let last = "";
  function moves() {
    const now = posture();
    const moved = last !== now;
    last = now;
    return moved && now !== "";
  }

  const passes = () => Array.from(document.querySelectorAll(PASSING_LIKELY)).some(element =>
    PASSING.test(element.getAttribute("class") ?? "data-closed") && element.checkVisibility());

  const shows = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  // Why a person would not take the page for done: nothing of it is seen, or its heading is not.
  function hidden() {
    const { body } = document;
    if (!body) return false;
    if ([body, document.querySelector("main")].some(element => element && !shows(element))) return true;
    const heading = document.querySelector("h1");
    if (!heading || !heading.checkVisibility()) return false;
    return heading.textContent.trim() ? !shows(heading) : !heading.querySelector("img,svg,picture,video,canvas,input");
  }

  // A heading that is typed letter by letter.
  let [heading, typed] = ["", -Infinity];
  globalThis.crawlight.read = () => {
    const before = heading;
    heading = document.querySelector("h1")?.textContent ?? "";
    if (heading.length - before.length === 1 && heading.startsWith(before)) typed = performance.now();
  };

  // `moving`: something is on its way; `hidden`: what matters cannot be seen yet.
  globalThis.crawlight.motion = () => {
    unhide();
    const moved = moves();
    return { moving: finish() > 0 || moved || passes(), hidden: hidden() || performance.now() - typed < 400 };
  };
})();
