// A site behind the front as Node apps are: early hints, trailers, events, WebSocket, ranges, large bodies. Says on
// stdout where it listens, and which requests ended before their bodies did.
import { createHash } from "node:crypto";
import { createServer } from "node:http";

const piece = Buffer.from(Array.from({ length: 256 }, (_, n) => n)).toString("latin1").repeat(4096);
const chunk = Buffer.from(piece, "latin1");
const text = "0123456789".repeat(10);
const page = `<!doctype html><title>waits</title><script type="module">
  const events = new EventSource("/events");
  const event = await new Promise((done) => { events.onmessage = (one) => done(one.data); });
  events.close();
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket", "echo");
  await new Promise((done) => { socket.onopen = done; });
  const echo = new Promise((done) => { socket.onmessage = (one) => done(one.data); });
  socket.send("from the page");
  const body = new Uint8Array(1000000).fill(7);
  const counted = await (await fetch("/upload", { method: "PUT", body })).text();
  document.title = [event, await echo, socket.protocol, counted.slice(0, 8), isSecureContext].join(" ");
</script>`;

const at = {
  "/"(request, response) {
    response.writeHead(200, { "Content-Type": "text/html" }).end(page);
  },
  "/hints"(request, response) {
    response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
    response.writeHead(200, { "Content-Type": "text/plain" }).end("after the hints");
  },
  "/trailers"(request, response) {
    response.writeHead(200, { "Transfer-Encoding": "chunked", Trailer: "X-Sum" });
    response.write("with a sum");
    response.addTrailers({ "X-Sum": "42" });
    response.end();
  },
  "/range"(request, response) {
    const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    if (first === undefined) return response.writeHead(200, { "Accept-Ranges": "bytes" }).end(text);
    const range = `bytes ${first}-${last}/${text.length}`;
    response.writeHead(206, { "Content-Range": range, "Content-Length": 1 + +last - first }).end(text.slice(+first, +last + 1));
  },
  "/events"(request, response) {
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: 0\n\n");
    const more = setInterval(() => response.write("data: more\n\n"), 100);
    response.on("close", () => { clearInterval(more); console.log("closed /events"); });
  },
  async "/upload"(request, response) {
    const hash = createHash("sha256");
    request.on("error", () => {});
    request.on("close", () => console.log(request.complete ? "whole /upload" : "cut /upload"));
    console.log("began /upload");
    for await (const part of request) hash.update(part);
    response.end(hash.digest("hex"));
  },
  async "/download"(request, response) {
    response.writeHead(200, { "Content-Length": chunk.length * 100 });
    for (let n = 0; n < 100; n++) {
      if (!response.write(chunk)) await new Promise((done) => response.once("drain", done));
    }
    response.end();
  },
};

const server = createServer((request, response) => {
  const found = at[new URL(request.url, "http://x").pathname];
  if (found) return Promise.resolve(found(request, response)).catch(() => {});
  response.writeHead(404).end("none");
});

// RFC 6455, as far as short frames of text go: what comes is unmasked and sent back.
server.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = createHash("sha1").update(key).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"];
  const protocol = request.headers["sec-websocket-protocol"];
  head.push(`Sec-WebSocket-Accept: ${accept}`, `Sec-WebSocket-Protocol: ${protocol}`);
  socket.write(head.join("\r\n") + "\r\n\r\n");
  socket.on("error", () => {});
  socket.on("data", (frame) => {
    if ((frame[0] & 15) !== 1) return socket.end(Buffer.from([0x88, 0]));
    const size = frame[1] & 127, mask = frame.subarray(2, 6);
    const body = frame.subarray(6, 6 + size).map((byte, n) => byte ^ mask[n % 4]);
    socket.write(Buffer.concat([Buffer.from([0x81, size]), body]));
  });
});

// It ends with who started it, whatever stands between.
process.stdin.on("end", () => process.exit(0)).resume();
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
