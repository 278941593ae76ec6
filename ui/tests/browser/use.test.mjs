/** A person at work: with the keyboard, with a slow device, with a lost connection. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser } from "./harness.mjs";

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());

const focused = (page) =>
    page.evaluate(() => {
        const { activeElement: at } = document;
        return at?.getAttribute("data-testid") ?? at?.textContent?.trim() ?? "";
    });

async function tabUntil(page, wanted, most = 60) {
    for (let step = 0; step < most; step += 1) {
        await page.keyboard.press("Tab");
        if ((await focused(page)) === wanted) return;
    }
    assert.fail(`${wanted} is not reached by Tab`);
}

test("a switch goes through its states and never shows the old value again", async () => {
    const { page, close } = await browser.open("?scene=home");
    const toggle = page.getByTestId("card-kettle@home.example").getByRole("switch");
    await page.evaluate(() => {
        const element = document.querySelector(
            '[data-testid="card-kettle@home.example"] [role=switch]',
        );
        globalThis.seen = [];
        const look = () => {
            const now = `${element.dataset.state} ${element.getAttribute("aria-checked")}`;
            if (globalThis.seen.at(-1) !== now) globalThis.seen.push(now);
        };
        new MutationObserver(look).observe(element, { attributes: true });
    });
    assert.equal(await toggle.getAttribute("data-state"), "shown");
    await toggle.click();
    await page.waitForFunction(() => globalThis.seen.at(-1)?.startsWith("confirmed"));
    assert.deepEqual(await page.evaluate(() => globalThis.seen), [
        "pending false",
        "confirmed false",
    ]);
    await close();
});

test("a failed wish says why and can be tried again", async () => {
    const { page, close } = await browser.open("?scene=home-wishes");
    const card = page.getByTestId("card-lamp@home.example");
    await card.getByText("You may not change this.").waitFor();
    const toggle = card.getByRole("switch");
    assert.equal(await toggle.getAttribute("data-state"), "failed");
    assert.equal(await toggle.getAttribute("aria-checked"), "true");
    const described = await toggle.getAttribute("aria-describedby");
    assert.match(await page.locator(`#${described}`).innerText(), /You may not change this/);
    await card.getByTestId("try-again").click();
    await page.waitForSelector('[data-testid="card-lamp@home.example"] [data-state=confirmed]');
    await close();
});

test("the keyboard alone: skip, open a device, flip, slide, choose, rename, remove", async () => {
    const { page, errors, close } = await browser.open("?scene=home");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to the content");
    await page.keyboard.press("Enter");
    await tabUntil(page, "open-thermostat@home.example");
    await page.keyboard.press("Enter");
    await page.getByTestId("device-page").waitFor();

    const slider = page.getByRole("slider", { name: "Target" });
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.getByTestId("value-xmpp.iot.actuator.setpoint").getByText("22.5").waitFor();
    await page.waitForSelector('[data-look="confirmed"]');
    const wishes = await page.evaluate(
        () => globalThis.gallery.backend.calls.filter((name) => name === "setValue").length,
    );
    assert.equal(wishes, 1, "a burst of keys is one wish");

    await page.getByRole("radio", { name: "Comfort" }).focus();
    await page.keyboard.press("ArrowLeft");
    await page.waitForSelector('[role=radio][aria-checked=true] >> text="Eco"');

    await page.getByTestId("device-menu").focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("device-rename").waitFor();
    await page.keyboard.press("Enter");
    await page.getByTestId("rename-name").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("rename-name").waitFor({ state: "detached" });

    await page.getByTestId("device-menu").focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("device-remove").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.getByTestId("remove-confirm").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Home", exact: true }).waitFor();
    assert.equal(await page.getByTestId("card-thermostat@home.example").count(), 0);
    assert.deepEqual(errors, []);
    await close();
});

test("signing in: what is missing is said, what is typed stays, progress and failure are told", async () => {
    const { page, errors, close } = await browser.open("?scene=sign-in");
    await page.getByTestId("sign-in-submit").click();
    await page.getByText("Enter your XMPP address.").waitFor();
    await page.getByTestId("sign-in-jid").fill("juliet@home.example");
    await page.getByTestId("sign-in-password").fill("wrong");
    await page.getByTestId("sign-in-submit").click();
    await page.waitForFunction(() => globalThis.gallery.backend.calls.includes("signIn"));

    const link = (link) =>
        page.evaluate((link) => {
            const { backend } = globalThis.gallery;
            backend.emit({
                type: "account",
                account: { ...backend.state.account, jid: "juliet@home.example", link },
            });
        }, link);
    await link({ state: "connecting", attempt: 1, since: Date.now() - 5000 });
    await page.getByText("Waiting for home.example to answer.").waitFor();
    await link({ state: "failed", cause: "wrongPassword", detail: "not-authorized" });
    await page.getByText("The server did not accept the name or the password.").waitFor();
    assert.equal(await page.getByTestId("sign-in-jid").inputValue(), "juliet@home.example");
    await link({ state: "failed", cause: "certificateUntrusted", detail: "AB:CD" });
    await page.getByTestId("trust-certificate").click();
    await link({ state: "online", since: Date.now(), security: "TLS 1.3" });
    await page.getByTestId("empty-home").waitFor();
    assert.deepEqual(errors, []);
    await close();
});

test("language and theme change without a reload", async () => {
    const { page, errors, close } = await browser.open("?scene=settings");
    await page.getByRole("radio", { name: "Deutsch" }).click();
    await page.getByRole("heading", { name: "Einstellungen" }).waitFor();
    await page.getByRole("radio", { name: "Dunkel" }).click();
    const dark = () => page.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await dark(), "dark");
    assert.deepEqual(errors, []);
    await close();
});

test("a thousand devices: only what is near the screen is there, and only what changed is redrawn", async () => {
    const { page, close } = await browser.open("?scene=home-huge");
    await page.getByTestId("card-device-0@home.example").getByText("Value 0").waitFor();
    assert.equal(await page.getByRole("article").count(), 1000);
    const drawn = await page.getByRole("switch").count();
    assert.ok(drawn > 4 && drawn < 300, `${drawn} switches are drawn`);

    const mutations = await page.evaluate(async () => {
        const { backend } = globalThis.gallery;
        const name = "value.0";
        const change = (value) => ({
            id: "device-0@home.example",
            readings: [
                {
                    var: name,
                    value: { type: "number", value },
                    unit: "°C",
                    quantity: "temperature",
                    measuredAt: Date.now(),
                    stale: false,
                    problem: null,
                    raw: null,
                },
            ],
            removed: [],
        });
        let count = 0;
        const observer = new MutationObserver((records) => (count += records.length));
        observer.observe(document.body, {
            subtree: true,
            childList: true,
            characterData: true,
            attributes: true,
        });
        backend.emit({ type: "readings", devices: [change(77.7)] });
        await new Promise((resolve) => setTimeout(resolve, 300));
        observer.disconnect();
        return count;
    });
    assert.equal(mutations, 1);

    await page.getByTestId("search").fill("device 999");
    await page.waitForFunction(() => document.querySelectorAll("article").length === 1);
    await close();
});

test("what went wrong behind one's back is told until it is dismissed", async () => {
    const { page, close } = await browser.open("?scene=home-troubles");
    const notice = page.getByTestId("trouble-notRenamed");
    assert.match(await notice.innerText(), /Kettle/);
    await notice.getByRole("button").click();
    await notice.waitFor({ state: "detached" });
    assert.equal(await page.getByTestId("trouble-passwordNotKept").count(), 1);
    await close();
});
