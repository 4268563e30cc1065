// The open peer as its own server.js has it, on the browser and the port that are given.
const prerender = require("prerender");

const server = prerender({
  port: Number(process.env.PORT),
  chromeLocation: process.env.BROWSER,
  chromeFlags: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    `--remote-debugging-port=${process.env.DEBUGGING_PORT}`,
  ],
  browserDebuggingPort: Number(process.env.DEBUGGING_PORT),
  logRequests: false,
});
server.use(prerender.sendPrerenderHeader());
server.use(prerender.browserForceRestart());
server.use(prerender.addMetaTags());
server.use(prerender.removeScriptTags());
server.use(prerender.httpHeaders());
if (process.env.CACHE) server.use(require("prerender-memory-cache"));
server.start();
