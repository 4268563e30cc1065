"use strict";
// Small conveniences over pages that work without them: menus, dialogs, copying, keys. No inline script anywhere.

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const base = document.documentElement.dataset.base;

// Menus are <details>: one at a time, and away with a click elsewhere or Escape.
document.addEventListener("click", (event) => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details.menu[open]")) return;
  for (const other of $$("details.menu[open]")) if (other !== event.target) other.open = false;
  $("input[type=search]", event.target)?.focus();
}, true);

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// Back and forward: the search box that is kept while one types says what the list is of.
document.addEventListener("htmx:historyRestore", () => {
  const box = $("#q");
  if (box) box.value = new URLSearchParams(location.search).get("q") ?? "";
});

// On a narrow screen the settings' list is a strip: what is open is brought into view.
const strip = $(".side");
const current = strip && $("[aria-current]", strip);
if (current) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;

// <input data-filter="#list"> hides what does not contain its text.
document.addEventListener("input", (event) => {
  const list = event.target.dataset?.filter && $(event.target.dataset.filter);
  if (!list) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const item of list.children) item.hidden = !item.textContent.toLowerCase().includes(wanted);
});

// <button data-dialog="#id"> opens, <button data-close> closes; data-type is what must be typed to go on.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) { $(opener.dataset.dialog).showModal(); return; }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog, .toast").matches("dialog") ? closer.closest("dialog").close() : closer.closest(".toast").remove();
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
});
document.addEventListener("click", (event) => {
  if (event.target.matches("dialog")) event.target.close();
});

async function copy(button) {
  const field = $(button.dataset.copy);
  const text = field.value ?? field.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https there is no clipboard: select it, so that the person can.
    field.select?.();
    document.execCommand("copy");
  }
  const label = $("[data-label]", button) ?? button;
  const before = label.textContent;
  label.textContent = "Copied";
  announce("Copied");
  setTimeout(() => { label.textContent = before; }, 1800);
}

function announce(text) {
  const region = $("#announce");
  if (region) region.textContent = text;
}

// Toasts go by themselves; those who hover or focus them keep them.
for (const toast of $$(".toast")) {
  setTimeout(() => { if (!toast.matches(":hover, :focus-within")) toast.remove(); }, 6000);
}

// Keys: only where nobody types, and never with a modifier.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
let leader = 0;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = $("details.menu[open]");
    if (open) { open.open = false; $("summary", open).focus(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
  const led = Date.now() - leader < 1200;
  leader = 0;
  if (event.key === "g") { leader = Date.now(); return; }
  const wanted = led ? `g ${event.key}` : event.key;
  const target = $(`[data-key="${CSS.escape(wanted)}"]`);
  if (wanted === "?") $("#keys")?.showModal();
  else if (!target) return;
  else if (target.matches("input")) { target.focus(); target.select(); }
  else if (target.matches("summary")) { target.focus(); target.parentElement.open = true; }
  else target.click();
  event.preventDefault();
});
