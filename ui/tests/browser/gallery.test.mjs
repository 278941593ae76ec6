/** The gallery in a real browser: no complaints, readable by everybody, reachable by keyboard. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { openBrowser } from "./harness.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SCENES = [
    "sign-in",
    "sign-in-certificate",
    "sign-in-refused",
    "unlock",
    "home",
    "home-empty",
    "home-demo",
    "home-crowded",
    "home-lost",
    "home-wishes",
    "device",
    "device-board",
    "device-offline",
    "device-hostile",
    "device-german",
    "device-waiting",
    "device-gone",
    "settings",
    "diagnostics",
];

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());

/** What axe finds, in words short enough for a failed test. */
async function violations(page) {
    await page.evaluate(AXE);
    return page.evaluate(async () => {
        const found = await globalThis.axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        });
        return found.violations.map(
            ({ id, nodes }) =>
                `${id}: ${nodes
                    .slice(0, 3)
                    .map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ""}`)
                    .join(" | ")}`,
        );
    });
}

const overflow = (page) =>
    page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );

describe("every scene", () => {
    for (const scene of SCENES) {
        test(`${scene} is clean, light and dark`, async () => {
            for (const theme of ["light", "dark"]) {
                const { page, errors, close } = await browser.open(`?scene=${scene}`, { theme });
                await page.waitForTimeout(50);
                assert.deepEqual(await violations(page), []);
                assert.deepEqual(errors, []);
                await close();
            }
        });

        test(`${scene} fits a narrow phone in German at 200 % text`, async () => {
            const { page, errors, close } = await browser.open(`?scene=${scene}&lang=de`, {
                width: 360,
                height: 740,
                init: () =>
                    document.addEventListener("DOMContentLoaded", () => {
                        document.documentElement.style.fontSize = "200%";
                    }),
            });
            assert.equal(await overflow(page), 0);
            assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
            assert.deepEqual(errors, []);
            await close();
        });
    }
});

test("every component in every state is clean", async () => {
    for (const theme of ["light", "dark"]) {
        const { page, errors, close } = await browser.open("", { theme });
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(errors, []);
        await close();
    }
});

test("a system that reports the language C gets a page all the same", async () => {
    const { page, errors, close } = await browser.open("?scene=home", {
        init: () => {
            Object.defineProperty(navigator, "language", { get: () => "C" });
            Object.defineProperty(navigator, "languages", { get: () => ["C"] });
            for (const name of [
                "NumberFormat",
                "DateTimeFormat",
                "Collator",
                "RelativeTimeFormat",
                "PluralRules",
            ]) {
                const Real = Intl[name];
                Intl[name] = new Proxy(Real, {
                    construct(target, [tag, ...rest]) {
                        if (tag === undefined) throw new RangeError("invalid language tag: C");
                        return new target(tag, ...rest);
                    },
                });
            }
        },
    });
    await page.getByTestId("card-kettle@home.example").getByText("93.4").waitFor();
    assert.deepEqual(errors, []);
    await close();
});

test("foreign text is text", async () => {
    const { page, errors, close } = await browser.open("?scene=device-hostile");
    assert.equal(await page.locator("main img, main script").count(), 0);
    await page.getByText('<img src=x onerror="alert(1)">').first().waitFor();
    assert.deepEqual(errors, []);
    await close();
});
