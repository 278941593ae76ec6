/**
 * A browser on the gallery, under the conditions of the real window: its content security policy,
 * a frozen `Object.prototype`, no network. Build first: `vite build --mode gallery`.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../dist-gallery/", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../../tauri.conf.json", import.meta.url));

const TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
};

/** Opens the browser; `close()` ends everything it started. */
export async function openBrowser() {
    const { app } = JSON.parse(await readFile(CONFIG, "utf8"));
    const server = createServer((request, response) => {
        void answer(request, response, app.security.csp);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${server.address().port}`;
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    });
    return {
        /** A page on `?scene=…`; its `errors` collects what the console complained about. */
        async open(
            query,
            { width = 1440, height = 900, theme = "light", locale = "en-GB", init, ...more } = {},
        ) {
            const context = await browser.newContext({
                viewport: { width, height },
                colorScheme: theme,
                locale,
                ...more,
            });
            const page = await context.newPage();
            const errors = [];
            page.on("pageerror", (error) => errors.push(String(error)));
            page.on("console", (message) => {
                if (message.type() === "error" || message.type() === "warning") {
                    errors.push(message.text());
                }
            });
            page.on("request", (request) => {
                if (!request.url().startsWith(origin)) errors.push(`network: ${request.url()}`);
            });
            await page.addInitScript(() => Object.freeze(Object.prototype));
            if (init) await page.addInitScript(init);
            await page.goto(`${origin}/gallery.html${query}`);
            await page.waitForSelector("main");
            await page.evaluate(() => document.fonts.ready);
            return { page, errors, close: () => context.close() };
        },
        async close() {
            await browser.close();
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}

async function answer(request, response, csp) {
    // Browsers ask for it by themselves; a window does not.
    if (request.url === "/favicon.ico") {
        response.writeHead(204).end();
        return;
    }
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    try {
        const body = await readFile(join(ROOT, path));
        response.writeHead(200, {
            "content-type": TYPES[extname(path)] ?? "application/octet-stream",
            "content-security-policy": csp,
        });
        response.end(body);
    } catch {
        response.writeHead(404).end();
    }
}
