import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FixtureBackend } from "../../gallery/fixture-backend";
import { bool, device, field, intent, number, reading, trouble } from "../../gallery/fixtures";
import type { DeviceView } from "../bindings";
import { Home } from "./home.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const lamp = (): DeviceView =>
    device("lamp@x", "Lamp", {
        fields: [field("power", "Light", { kind: "switch" })],
        readings: [reading("power", bool(false))],
    });

async function openHome(devices = [lamp()]): Promise<{ backend: FixtureBackend; home: Home }> {
    const backend = new FixtureBackend({
        account: { jid: "me@x", demo: false, link: { state: "off" }, vault: "keychain" },
        settings: { language: null, theme: null, silenceSeconds: 30 },
        devices,
        intents: [],
        troubles: [],
    });
    const home = new Home(backend);
    await home.open();
    return { backend, home };
}

const state = (home: Home) => home.device("lamp@x")?.point("power")?.state;

test("a snapshot, then changes", async () => {
    const { backend, home } = await openHome();
    expect(home.ready).toBe(true);
    backend.emit({
        type: "readings",
        devices: [
            {
                id: "lamp@x",
                readings: [reading("power", bool(true)), reading("watts", number(7))],
                removed: [],
            },
            { id: "nobody@x", readings: [reading("power", bool(true))], removed: [] },
        ],
    });
    expect(state(home)).toEqual({ kind: "shown", value: bool(true) });
    expect(home.device("lamp@x")?.others.map((point) => point.name)).toEqual(["watts"]);

    backend.emit({
        type: "readings",
        devices: [{ id: "lamp@x", readings: [], removed: ["watts", "power"] }],
    });
    expect(home.device("lamp@x")?.others).toEqual([]);
    expect(state(home)).toEqual({ kind: "shown", value: null });

    backend.emit({ type: "devices", upserts: [device("new@x", "New")], removed: ["lamp@x"] });
    expect(home.devices.map(({ name }) => name)).toEqual(["New"]);
});

test("what went wrong stays until it is seen", async () => {
    const { backend, home } = await openHome();
    expect(home.troubles).toEqual([]);
    backend.state.troubles = [trouble(1, "notMoved"), trouble(2, "passwordNotKept")];
    backend.emit({ type: "troubles", troubles: backend.state.troubles });
    await backend.dismissTrouble(1);
    expect(home.troubles.map(({ id }) => id)).toEqual([2]);
    await home.open();
    expect(home.troubles.map(({ id }) => id)).toEqual([2]);
});

test("a gap in the revisions means to subscribe again", async () => {
    const { backend, home } = await openHome();
    const subscribe = vi.spyOn(backend, "subscribe");
    home.apply({ type: "devices", rev: 7, upserts: [], removed: ["lamp@x"] });
    expect(subscribe).toHaveBeenCalledOnce();
    expect(home.devices).toHaveLength(1);
});

test("a device keeps its identity through a new snapshot", async () => {
    const { home } = await openHome();
    const before = home.device("lamp@x");
    const fields = before?.fields;
    await home.open();
    expect(home.device("lamp@x")).toBe(before);
    expect(home.device("lamp@x")?.fields).toBe(fields);
});

test("a wish from the click to the confirmation never shows the old value again", async () => {
    const { backend, home } = await openHome();
    const lamp = home.device("lamp@x");
    if (!lamp) throw new Error("no lamp");
    const seen: unknown[] = [];
    const look = () => seen.push(state(home)?.kind, state(home)?.value?.value);

    const submitted = home.submit(lamp, "power", bool(true));
    look();
    await submitted;
    // A report from before the wish arrives late.
    backend.emit({
        type: "readings",
        devices: [{ id: "lamp@x", readings: [reading("power", bool(false))], removed: [] }],
    });
    look();
    await vi.advanceTimersByTimeAsync(5000);
    look();
    expect(seen).toEqual(["pending", true, "pending", true, "confirmed", true]);
});

test("of two quick clicks the last one counts", async () => {
    const { home } = await openHome();
    const lamp = home.device("lamp@x");
    if (!lamp) throw new Error("no lamp");
    await Promise.all([
        home.submit(lamp, "power", bool(true)),
        home.submit(lamp, "power", bool(false)),
    ]);
    expect(state(home)).toMatchObject({ kind: "pending", value: bool(false) });
});

test("a refused wish says why, and a new one clears that", async () => {
    const { backend, home } = await openHome();
    const lamp = home.device("lamp@x");
    if (!lamp) throw new Error("no lamp");
    backend.refuseWith = { code: "offline", detail: null, field: null };
    await home.submit(lamp, "power", bool(true));
    expect(state(home)).toMatchObject({ kind: "failed", value: bool(false) });
    lamp.point("power")?.dismiss();
    expect(state(home)).toMatchObject({ kind: "shown" });
    backend.refuseWith = null;
    await home.submit(lamp, "power", bool(true));
    expect(state(home)).toMatchObject({ kind: "pending" });
});

test("a confirmation may come before its report, but not for ever", async () => {
    const { backend, home } = await openHome();
    const wish = (stage: "sent" | "confirmed") =>
        backend.emit({
            type: "intents",
            upserts: [intent("lamp@x", "power", bool(true), { stage })],
            removed: [],
        });
    wish("sent");
    wish("confirmed");
    expect(state(home)).toEqual({ kind: "confirmed", value: bool(true) });
    vi.advanceTimersByTime(2000);
    expect(state(home)).toEqual({ kind: "shown", value: bool(false) });
});

test("a device may round what it was asked for", async () => {
    const dimmer = device("lamp@x", "Lamp", { readings: [reading("power", number(10))] });
    const { backend, home } = await openHome([dimmer]);
    const report = (value: number) =>
        backend.emit({
            type: "readings",
            devices: [{ id: "lamp@x", readings: [reading("power", number(value))], removed: [] }],
        });
    const wish = (stage: "sent" | "confirmed") =>
        backend.emit({
            type: "intents",
            upserts: [intent("lamp@x", "power", number(49.8), { stage })],
            removed: [],
        });
    wish("sent");
    report(50);
    wish("confirmed");
    expect(state(home)).toEqual({ kind: "confirmed", value: number(50) });
    report(20);
    expect(state(home)).toEqual({ kind: "shown", value: number(20) });
});

test("news of an older wish and forgotten wishes change nothing but their own", async () => {
    const { backend, home } = await openHome();
    const wishes = (...upserts: ReturnType<typeof intent>[]) =>
        backend.emit({ type: "intents", upserts, removed: [] });
    wishes(intent("lamp@x", "power", bool(true), { id: 2, stage: "sent" }));
    wishes(intent("lamp@x", "power", bool(false), { id: 1, stage: "failed" }));
    expect(state(home)?.kind).toBe("pending");
    backend.emit({ type: "intents", upserts: [], removed: [1] });
    expect(state(home)?.kind).toBe("pending");
    backend.emit({ type: "intents", upserts: [], removed: [2] });
    expect(state(home)?.kind).toBe("shown");
});

test("an accepted wish that a new snapshot does not know is over", async () => {
    const { backend, home } = await openHome();
    const lamp = home.device("lamp@x");
    if (!lamp) throw new Error("no lamp");
    vi.spyOn(backend, "setValue").mockResolvedValue(9);
    await home.submit(lamp, "power", bool(true));
    expect(state(home)?.kind).toBe("pending");
    await home.open();
    expect(state(home)?.kind).toBe("shown");
});
