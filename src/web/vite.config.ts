/** How the browser's half is built: `bun --bun vite build`, into `dist/web`, which the server serves. */

import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const CONTRACTS = join(import.meta.dirname, "../api/contract");
const NAME = "virtual:routes";

/**
 * Method and path of every route, by the name of its contract. The contracts themselves are made with zod, which a
 * browser needs nothing of: their types go into the client at compile time, and these few words at run time.
 */
function routes(): Plugin {
  return {
    name: "hamlet-routes",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    async load(id) {
      if (id !== `\0${NAME}`) return undefined;
      const found: Record<string, readonly [method: string, path: string]> = {};
      for await (const file of new Bun.Glob("*.ts").scan(CONTRACTS)) {
        if (file.endsWith(".test.ts")) continue;
        const path = join(CONTRACTS, file);
        this.addWatchFile(path);
        for (const [name, value] of Object.entries(await import(path))) {
          const route = value as { method?: unknown; path?: unknown; responses?: unknown } | null;
          if (typeof route?.method !== "string" || typeof route.path !== "string" || !route.responses)
            continue;
          found[name] = [route.method.toUpperCase(), route.path];
        }
      }
      return `export default ${JSON.stringify(found)};`;
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  publicDir: false,
  plugins: [routes(), react()],
  // The editor needs TypeScript as a program in JavaScript, which version 7 is not.
  resolve: { alias: { typescript: "typescript5" } },
  build: {
    outDir: join(import.meta.dirname, "../../dist/web"),
    assetsDir: "_app",
    emptyOutDir: true,
    manifest: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    // Nothing as data: in a page whose policy allows none of it.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        app: join(import.meta.dirname, "app.html"),
        embed: join(import.meta.dirname, "embed.html"),
        resize: join(import.meta.dirname, "embed/resize.ts"),
      },
      output: {
        // Other sites name it, so its own name stays.
        entryFileNames: ({ name }) => (name === "resize" ? "embed.js" : "_app/[name]-[hash].js"),
      },
    },
    chunkSizeWarningLimit: 4000,
  },
  worker: { format: "es" },
});
