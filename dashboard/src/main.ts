import { App } from "./app.ts";
import { comeBack, takeLink } from "./hq/link.ts";

takeLink();
comeBack();

const host = document.getElementById("app");
if (host) void new App(host).start();
// After the lists: alerts are told whichever part is open, and must not delay what is in force.
const idle = window.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 500));
idle(() => void import("./hq/alerts.ts").then(({ AlertBar }) => new AlertBar()), { timeout: 4_000 });
