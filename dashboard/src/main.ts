import { App } from "./app.ts";

const host = document.getElementById("app");
if (host) void new App(host).start();
