import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { basemap } from "./scripts/basemap.ts";
import { inlineStyle } from "./scripts/inline.ts";

// The built page goes into the Python package, so that the wheel carries it.
export default defineConfig({
  base: "./",
  plugins: [basemap(), inlineStyle()],
  build: {
    outDir: fileURLToPath(new URL("../src/hinomi/apps/web/page", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "^/(collections|changes|layers|series)": "http://127.0.0.1:8470" } },
  test: { include: ["tests/**/*.test.ts"] },
});
