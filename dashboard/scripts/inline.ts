/**
 * The page's own style stands in the page: on a slow line it comes while the program is still asked
 * for, and the browser has its fonts and the page's frame ready when the first list arrives. The
 * server names the style's hash in the security policy (`apps/web/opening.py`).
 */
import type { Plugin } from "vite";

export function inlineStyle(): Plugin {
  return {
    name: "inline-style",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        return html.replace(/<link rel="stylesheet"[^>]*href="\.\/([^"]+)"[^>]*>/, (whole, name: string) => {
          const sheet = bundle?.[name];
          return sheet?.type === "asset" ? `<style>${String(sheet.source).trim()}</style>` : whole;
        });
      },
    },
  };
}
