/**
 * Pictures of scenes: `node tests/browser/screenshots.mjs FOLDER [SCENE…]`. Every scene at the
 * width of a phone, a tablet and a desktop, light and dark; `WIDTHS`, `THEMES` and `LANGS` (comma
 * separated) narrow that down.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBrowser } from "./harness.mjs";

const SCENES = [
    "sign-in",
    "sign-in-certificate",
    "home",
    "home-lost",
    "home-empty",
    "device",
    "settings",
    "diagnostics",
];
const HEIGHTS = { 360: 740, 768: 1024, 1440: 900 };

const [folder, ...chosen] = process.argv.slice(2);
if (!folder) {
    console.error("Which folder? node tests/browser/screenshots.mjs FOLDER [SCENE…]");
    process.exit(2);
}
const list = (name, standard) => (process.env[name] ?? standard).split(",");

await mkdir(folder, { recursive: true });
const browser = await openBrowser();
try {
    for (const scene of chosen.length ? chosen : SCENES) {
        for (const lang of list("LANGS", "en")) {
            for (const theme of list("THEMES", "light,dark")) {
                for (const width of list("WIDTHS", "360,768,1440").map(Number)) {
                    const query =
                        scene === "gallery" ? `?lang=${lang}` : `?scene=${scene}&lang=${lang}`;
                    const { page, close } = await browser.open(query, {
                        width,
                        height: HEIGHTS[width] ?? 900,
                        theme,
                    });
                    await page.waitForTimeout(400);
                    const suffix = lang === "en" ? "" : `-${lang}`;
                    const file = join(folder, `${scene}-${width}-${theme}${suffix}.png`);
                    await page.screenshot({ path: file, fullPage: Boolean(process.env.FULL) });
                    await close();
                }
            }
        }
    }
} finally {
    await browser.close();
}
