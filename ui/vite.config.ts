import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/**
 * The window loads `dist/index.html`. The gallery is a second page that only the development
 * server and the browser tests know: it is built with `--mode gallery` into `dist-gallery`.
 */
export default defineConfig(({ mode }) => {
    const gallery = mode === "gallery";
    return {
        plugins: [
            // Tests take the messages as `npm run messages` left them.
            process.env.VITEST
                ? []
                : paraglideVitePlugin({
                      project: "./project.inlang",
                      outdir: "./src/lib/paraglide",
                      strategy: ["globalVariable", "baseLocale"],
                  }),
            svelte(),
        ],
        clearScreen: false,
        server: { port: 5173, strictPort: true, host: "127.0.0.1" },
        build: {
            outDir: gallery ? "dist-gallery" : "dist",
            target: ["chrome123", "safari17.5"],
            // The content security policy of the window knows no `data:` fonts.
            assetsInlineLimit: 0,
            rolldownOptions: { input: gallery ? "gallery.html" : "index.html" },
        },
        // The stores are tested as the browser runs them.
        resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
        test: { include: ["src/**/*.test.ts"], environment: "node" },
    };
});
