"use strict";
// Puts crawls on top of the table as the server tells them.

const state = document.querySelector("[data-live]");
const table = document.querySelector("#crawls");
const MOST = 200;

function cell(tag, label, ...content) {
  const made = document.createElement(tag);
  if (label) made.dataset.label = label;
  made.append(...content);
  return made;
}

function row(crawl) {
  const made = document.createElement("tr");
  const time = document.createElement("time");
  time.dateTime = crawl.time;
  time.textContent = crawl.time.slice(11, 19);
  const bot = document.createElement("a");
  const url = new URL(table.dataset.bots, location);
  url.pathname += encodeURIComponent(crawl.agent);
  bot.href = url;
  bot.textContent = crawl.agent;
  const badge = document.createElement("span");
  badge.className = `badge ${{ verified: "good", unchecked: "warn", spoofed: "bad" }[crawl.identity] ?? ""}`;
  badge.textContent = crawl.identity;
  const name = cell("th", "", bot);
  name.scope = "row";
  made.append(cell("td", "Time", time), name, cell("td", "Page", crawl.path), cell("td", "Identity", badge), cell("td", "Outcome", crawl.outcome), cell("td", "Status", String(crawl.status || "–")));
  made.children[0].className = "nowrap";
  made.children[2].className = "path";
  made.children[5].className = "num";
  return made;
}

const source = new EventSource(state.dataset.live);
source.onopen = () => { state.textContent = "live"; state.className = "badge good"; };
source.onerror = () => {
  // Closed for good: the session or the role ended. A page that is loaded anew says which.
  const ended = source.readyState === EventSource.CLOSED;
  state.textContent = ended ? "ended, load this page again" : "reconnecting";
  state.className = ended ? "badge bad" : "badge warn";
};
source.addEventListener("shown", (event) => {
  const crawls = JSON.parse(event.data);
  document.querySelector("#no-crawls").hidden = crawls.length > 0;
  table.replaceChildren(...crawls.map(row));
});
source.onmessage = (event) => {
  document.querySelector("#no-crawls").hidden = true;
  const made = row(JSON.parse(event.data));
  made.className = "fresh";
  setTimeout(() => made.classList.remove("fresh"), 4000);
  table.prepend(made);
  while (table.children.length > MOST) table.lastElementChild.remove();
};
