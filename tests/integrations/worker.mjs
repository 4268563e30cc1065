// Runs an edge worker in workerd. Arguments: its file, its settings as JSON, the address of the site behind it.
// It listens at the address that it names once it is ready. Requests also come as lines of JSON on standard input, and
// their answers go out as such.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Miniflare } from "miniflare";

const [file, settings, site] = process.argv.slice(2);
const source = readFileSync(file, "utf8");
const kind = /^export default/m.test(source)
  ? { modules: [{ type: "ESModule", path: "worker.js", contents: source }] }
  : { script: source };
const worker = new Miniflare({
  ...kind,
  compatibilityDate: "2025-05-05",
  bindings: JSON.parse(settings),
  // The worker's own requests: those to the site's name go to where it runs here, all others as they are.
  async outboundService(request) {
    const url = new URL(request.url);
    const target = url.hostname === "example.com" ? site + url.pathname + url.search : request.url;
    const body = ["GET", "HEAD"].includes(request.method) ? undefined : await request.text();
    const headers = [...request.headers].filter(([name]) => !/^(host|content-length|transfer-encoding)$/.test(name));
    return fetch(target, { method: request.method, headers, body, redirect: "manual" });
  },
});
console.log("ready", (await worker.ready).href);
for await (const line of createInterface({ input: process.stdin })) {
  const { url, ...init } = JSON.parse(line);
  const answer = await worker.dispatchFetch(url, { ...init, redirect: "manual" });
  const headers = Object.fromEntries(answer.headers);
  console.log(JSON.stringify({ status: answer.status, headers, body: await answer.text() }));
}
await worker.dispose();
