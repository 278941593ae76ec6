import { expect, test } from "vitest";
import { bool, intent, reading } from "../../gallery/fixtures";
import type { FailureCodeView, IntentView, ReadingView } from "../bindings";
import { type Facts, fieldState } from "./field-state";

const off = reading("x", bool(false));
const on = reading("x", bool(true));

function facts(reading: ReadingView | null, wish: Partial<IntentView> | null): Facts {
    return {
        reading,
        wish: wish && intent("d", "x", bool(true), wish),
        attempt: null,
        confirmed: wish?.stage === "confirmed" ? bool(true) : null,
        reportDue: false,
        dismissed: false,
    };
}

const failed = (code: FailureCodeView): Partial<IntentView> => ({
    stage: "failed",
    failure: { code, detail: null },
});

test.each([
    ["nothing yet", facts(null, null), "shown", null],
    ["a report", facts(off, null), "shown", false],
    ["an old report", facts({ ...off, stale: true }, null), "stale", false],
    ["accepted", facts(off, { stage: "accepted" }), "pending", true],
    ["delivered", facts(off, { stage: "delivered" }), "pending", true],
    [
        "the link is lost meanwhile",
        facts({ ...off, stale: true }, { stage: "sent" }),
        "pending",
        true,
    ],
    ["confirmed", facts(on, { stage: "confirmed" }), "confirmed", true],
    ["confirmed, then switched elsewhere", facts(off, { stage: "confirmed" }), "shown", false],
    ["refused", facts(off, failed("forbidden")), "failed", false],
    ["no confirmation", facts(off, { stage: "unconfirmed" }), "failed", false],
    ["overtaken by a newer wish", facts(off, failed("superseded")), "shown", false],
] as const)("%s", (_, given, kind, value) => {
    const state = fieldState(given);
    expect(state.kind).toBe(kind);
    expect(state.value?.value ?? null).toBe(value);
});

test("a confirmation that overtakes its report does not flip the switch back", () => {
    const state = fieldState({ ...facts(off, { stage: "confirmed" }), reportDue: true });
    expect(state).toEqual({ kind: "confirmed", value: bool(true) });
});

test("a click shows at once, and a refusal gives the value back with its reason", () => {
    const attempt = { wanted: bool(true), since: 5, id: null, error: null };
    expect(fieldState({ ...facts(off, null), attempt })).toMatchObject({
        kind: "pending",
        value: bool(true),
    });
    const error = { code: "offline", detail: null, field: null } as const;
    expect(fieldState({ ...facts(off, null), attempt: { ...attempt, error } })).toMatchObject({
        kind: "failed",
        value: bool(false),
        wanted: bool(true),
        why: { by: "refusal", error },
    });
});

test("a failure that was put aside stays away", () => {
    const state = fieldState({ ...facts(off, failed("timedOut")), dismissed: true });
    expect(state.kind).toBe("shown");
});
