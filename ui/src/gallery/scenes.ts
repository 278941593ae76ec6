/** Whole windows in states worth looking at, by name. */
import type { AccountView, LinkView } from "../lib/bindings";
import { FixtureBackend, type FixtureState } from "./fixture-backend";
import {
    bool,
    crowdedHome,
    hugeHome,
    intent,
    kettle,
    lamp,
    number,
    ordinaryHome,
    thermostat,
    trouble,
} from "./fixtures";

export interface Scene {
    state: FixtureState;
    /** Where the window opens. */
    hash?: string;
}

const HOUR = 3_600_000;
const online = (): LinkView => ({
    state: "online",
    since: Date.now() - HOUR,
    security: "TLS 1.3, SCRAM-SHA-256",
});

function account(link: LinkView, more: Partial<AccountView> = {}): AccountView {
    return { jid: "juliet@home.example", demo: false, link, vault: "keychain", ...more };
}

function scene(more: Partial<FixtureState> = {}, hash?: string): Scene {
    const state: FixtureState = {
        account: account(online()),
        settings: { language: null, theme: null, silenceSeconds: 30 },
        devices: ordinaryHome(),
        intents: [],
        troubles: [],
        ...more,
    };
    return { state, ...(hash ? { hash } : {}) };
}

const FINGERPRINT = Array.from({ length: 32 }, (_, at) =>
    ((at * 41 + 7) % 256).toString(16).padStart(2, "0").toUpperCase(),
).join(":");

const signedOut = (link: LinkView, more: Partial<AccountView> = {}): Scene =>
    scene({ account: account(link, more), devices: [] });

export const scenes: Record<string, () => Scene> = {
    "sign-in": () => signedOut({ state: "off" }, { jid: null }),
    "sign-in-certificate": () =>
        signedOut({ state: "failed", cause: "certificateUntrusted", detail: FINGERPRINT }),
    "sign-in-refused": () =>
        signedOut({ state: "failed", cause: "wrongPassword", detail: "not-authorized" }),
    unlock: () => signedOut({ state: "off" }, { vault: "fileLocked" }),
    home: () => scene(),
    "home-troubles": () =>
        scene({
            troubles: [
                trouble(1, "passwordNotKept", { detail: "the keychain is locked or refused us" }),
                trouble(2, "notRenamed", {
                    device: { id: "kettle@home.example", name: "Kettle" },
                    failure: "connectionLost",
                }),
            ],
        }),
    "home-empty": () => scene({ devices: [] }),
    "home-demo": () => scene({ account: account(online(), { demo: true, jid: "you@demo.roost" }) }),
    "home-crowded": () => scene({ devices: crowdedHome() }),
    "home-huge": () => scene({ devices: hugeHome(1000) }),
    "home-lost": () =>
        scene({
            account: account({
                state: "waiting",
                cause: "silent",
                detail: null,
                retryAt: Date.now() + 12_000,
                attempt: 2,
            }),
            devices: ordinaryHome().map((device) => ({
                ...device,
                readings: device.readings.map((reading) => ({ ...reading, stale: true })),
            })),
        }),
    "home-wishes": () =>
        scene({
            intents: [
                intent(kettle().id, "xmpp.iot.actuator.power", bool(false), { id: 1 }),
                intent(lamp().id, "power", bool(false), {
                    id: 2,
                    stage: "failed",
                    failure: { code: "forbidden", detail: null },
                }),
                intent(thermostat().id, "xmpp.iot.actuator.setpoint", number(23), { id: 3 }),
            ],
        }),
    device: () => scene({}, "#/device/thermostat%40home.example"),
    "device-board": () => scene({}, "#/device/esp32%40home.example"),
    "device-offline": () => scene({}, "#/device/greenhouse%40home.example"),
    "device-hostile": () => scene({ devices: crowdedHome() }, "#/device/evil%40home.example"),
    "device-german": () => scene({ devices: crowdedHome() }, "#/device/lueftung%40home.example"),
    "device-waiting": () => scene({}, "#/device/door%40home.example"),
    "device-gone": () => scene({}, "#/device/nobody%40home.example"),
    settings: () => scene({}, "#/settings"),
    diagnostics: () => scene({}, "#/diagnostics"),
};

export function backendOf(scene: Scene): FixtureBackend {
    return new FixtureBackend(scene.state);
}
