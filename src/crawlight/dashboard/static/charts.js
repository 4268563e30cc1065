"use strict";
// The stacked chart of crawls a day, or an hour: reads the same JSON that people can fetch.

const FOLDS = {
  other_social: ["slackbot", "discordbot", "whatsappbot", "telegrambot", "pinterestbot", "snapchatbot", "redditbot", "metabot", "quorabot", "social_other"],
  other: ["applebot", "amazonbot", "baidubot", "yandexbot", "duckduckbot", "bytespiderbot"],
};
const NAMES = { other_social: "Other social", other: "Other", no_key: "Bots without a key" };
const FOLDED = Object.values(FOLDS).flat();

const HALF_DAY = 43200;
const HALF_HOUR = 1800;

const groupOf = (name) => Object.keys(FOLDS).find((group) => FOLDS[group].includes(name)) ?? name;

function fold(data) {
  const lines = new Map();
  for (const line of data.lines) {
    const group = groupOf(line.name);
    const sum = lines.get(group) ?? { name: group, counts: data.dates.map(() => 0) };
    sum.counts = sum.counts.map((n, i) => n + line.counts[i]);
    lines.set(group, sum);
  }
  return { dates: data.dates, hours: data.hours, lines: [...lines.values()] };
}

// The colour that the style sheet gives a bot. Folded bots that stand alone have paler ones, each its own.
function colour(name) {
  const place = FOLDED.indexOf(name);
  if (place >= 0) return `hsl(${(place * 360) / FOLDED.length} 45% ${place % 2 ? 55 : 72}%)`;
  const probe = document.createElement("span");
  probe.className = `swatch s-${name}`;
  document.body.append(probe);
  const known = getComputedStyle(probe).backgroundColor;
  probe.remove();
  return known;
}

function draw(box, data, labels) {
  box.querySelector(".uplot")?.remove();
  box.querySelector(".tip")?.remove();
  const ink = getComputedStyle(document.documentElement);
  const days = data.dates.map((day) => Date.parse(day) / 1000);
  const half = data.hours ? HALF_HOUR : HALF_DAY;
  // Bars over bars: each stands for itself and all below it, so the highest are drawn first.
  let below = days.map(() => 0);
  const stacked = data.lines.map((line) => (below = below.map((n, i) => n + line.counts[i])));
  const colours = data.lines.map((line) => colour(line.name));
  const axis = { stroke: ink.getPropertyValue("--faint"), grid: { stroke: ink.getPropertyValue("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  const bars = uPlot.paths.bars({ size: [0.82, 46], radius: 0 });
  const series = data.lines.map((line, i) => ({ label: line.name, fill: colours[i], stroke: colours[i], width: 0, paths: bars, points: { show: false } })).reverse();
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  let at = null;
  const chart = new uPlot({
    width: box.clientWidth, height: 260, legend: { show: false }, padding: [null, 24, null, null], tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "Etc/UTC"),
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: true, range: () => [days[0] - half, days.at(-1) + half] }, y: { range: (_, __, most) => [0, Math.max(most * 1.06, 4)] } },
    axes: [{ ...axis, grid: { show: false }, splits: (plot) => labelled(days, plot.bbox.width / devicePixelRatio), values: (_, ticks) => ticks.map(data.hours ? hourName : dayName) }, { ...axis, size: 52, values: (_, ticks) => ticks.map((n) => (Number.isInteger(n) ? n.toLocaleString() : "")) }],
    series: [{}, ...series],
    hooks: { setCursor: [(plot) => { at = plot.cursor.idx; show(plot); }] },
  }, [days, ...stacked.slice().reverse()], box);
  box.append(tip);

  function show(plot) {
    tip.hidden = at == null || plot.cursor.left < 0;
    if (tip.hidden) return;
    const rows = data.lines.map((line, i) => [line, colours[i]]).filter(([line]) => line.counts[at]).sort((a, b) => b[0].counts[at] - a[0].counts[at]);
    const title = document.createElement("b");
    title.textContent = data.hours ? `${hourName(days[at])} UTC` : new Date(days[at] * 1000).toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
    tip.replaceChildren(title, ...rows.slice(0, 10).map(([line, hue]) => entry(labels(line.name), line.counts[at], hue)));
    if (!rows.length) tip.append("No crawls");
    const more = rows.slice(10).reduce((sum, [line]) => sum + line.counts[at], 0);
    if (more) tip.append(entry(`${rows.length - 10} more`, more, "transparent"));
    const left = plot.bbox.left / devicePixelRatio + plot.cursor.left;
    tip.style.left = `${Math.min(left + 14, box.clientWidth - tip.offsetWidth)}px`;
    tip.style.top = "10px";
  }

  // A click leads to the bot whose bar it hits.
  chart.over.addEventListener("click", () => {
    if (at == null) return;
    const value = chart.posToVal(chart.cursor.top, "y");
    const hit = stacked.findIndex((line) => value <= line[at]);
    const name = hit >= 0 && data.lines[hit].name;
    if (name && !NAMES[name]) location.assign(botURL(box, name));
  });
  return chart;
}

// Days that get a label: the last one, and as many before it, at equal distances, as there is room for.
function labelled(days, width) {
  const step = Math.ceil(days.length / Math.max(1, Math.floor(width / 76)));
  return days.filter((_, i) => (days.length - 1 - i) % step === 0);
}

const dayName = (day) => new Date(day * 1000).toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

const hourName = (hour) => new Date(hour * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

function entry(name, count, hue) {
  const row = document.createElement("div");
  const swatch = document.createElement("span");
  swatch.className = "swatch";
  swatch.style.background = hue;
  const label = document.createElement("span");
  label.textContent = name;
  const number = document.createElement("span");
  number.textContent = count.toLocaleString();
  row.append(swatch, label, number);
  return row;
}

// Legend and table of the unfolded chart, built from its data; the page itself brings those of the folded one.
function listed(box, data, labels) {
  const made = (tag, ...content) => { const one = document.createElement(tag); one.append(...content); return one; };
  const numeric = (tag, value) => Object.assign(made(tag, value), { className: "num" });
  const legend = made("ul", ...data.lines.map((line) => {
    const swatch = Object.assign(made("span"), { className: "swatch" });
    swatch.style.background = colour(line.name);
    const name = NAMES[line.name] ? labels(line.name) : Object.assign(made("a", labels(line.name)), { href: botURL(box, line.name) });
    const total = line.counts.reduce((sum, n) => sum + n, 0);
    return made("li", swatch, name, " ", Object.assign(numeric("span", total.toLocaleString()), { className: "soft num" }));
  }));
  legend.className = "legend";
  const head = made("tr", made("th", data.hours ? "Hour, UTC" : "Day"), ...data.lines.map((line) => numeric("th", labels(line.name))));
  for (const cell of head.children) cell.scope = "col";
  const rows = data.dates.map((day, i) => made("tr", Object.assign(made("th", data.hours ? day.slice(11, 16) : day), { scope: "row" }), ...data.lines.map((line) => numeric("td", line.counts[i].toLocaleString()))));
  const scroll = Object.assign(made("div", made("table", made("thead", head), made("tbody", ...rows))), { className: "scroll tall", tabIndex: 0, role: "region", ariaLabel: data.hours ? "Crawls an hour" : "Crawls a day" });
  const table = Object.assign(made("details", made("summary", "As a table"), scroll), { className: "as-table" });
  return made("div", legend, table);
}

function botURL(box, name) {
  const url = new URL(box.dataset.bots, location);
  url.pathname += encodeURIComponent(name);
  return url;
}

async function start(box) {
  const answer = await fetch(box.dataset.chart);
  if (!answer.ok) { box.textContent = "The chart cannot be drawn now; the table below has its numbers."; return; }
  const data = await answer.json();
  const known = JSON.parse(box.dataset.names);
  const labels = (name) => NAMES[name] ?? known[name] ?? name;
  const button = document.querySelector("[data-fold]");
  const lines = box.parentElement.querySelector("[data-lines]");
  let single = null;
  const redraw = () => {
    const open = button?.getAttribute("aria-pressed") === "true";
    draw(box, open ? data : fold(data), labels);
    const table = (single ?? lines).querySelector("details").open;
    single?.remove();
    single = open ? listed(box, data, labels) : null;
    if (single) lines.after(single);
    lines.hidden = open;
    (single ?? lines).querySelector("details").open = table;
  };
  redraw();
  button?.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Collapse groups" : "Expand groups";
    redraw();
  });
  let width = box.clientWidth;
  new ResizeObserver(() => { if (box.clientWidth !== width) { width = box.clientWidth; redraw(); } }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

for (const box of document.querySelectorAll("[data-chart]")) start(box);
