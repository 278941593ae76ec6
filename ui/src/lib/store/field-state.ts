/**
 * What a control shows: the four visible states of a switch, for every control alike.
 *
 * The rule against flicker lives here. While a wish is under way the wish is drawn, whatever the
 * device reports meanwhile; only the end of the wish gives the control back to the reading.
 */
import type { AnyError } from "../backend";
import type { FailureView, IntentView, ReadingView, StageView, ValueView } from "../bindings";
import { sameValue } from "../value";

export type FieldState =
    /** What the device last reported, or nothing yet. */
    | { kind: "shown"; value: ValueView | null }
    /** A wish is under way. */
    | { kind: "pending"; value: ValueView; since: number; stage: StageView }
    /** The device reported what was wished. */
    | { kind: "confirmed"; value: ValueView }
    /** The wish ended badly; the device's own value is back. */
    | { kind: "failed"; value: ValueView | null; wanted: ValueView; why: Why; since: number }
    /** The past: the device or the connection is gone. */
    | { kind: "stale"; value: ValueView | null; measuredAt: number | null };

/** Why a wish ended badly. */
export type Why =
    | { by: "refusal"; error: AnyError }
    | { by: "failure"; failure: FailureView }
    | { by: "deadline" };

/** A wish between the click and its first appearance among the intents. */
export interface Attempt {
    wanted: ValueView;
    since: number;
    /** The intent it became. */
    id: number | null;
    /** Why it did not become one. */
    error: AnyError | null;
}

export interface Facts {
    reading: ReadingView | null;
    /** The newest wish. */
    wish: IntentView | null;
    attempt: Attempt | null;
    /** What the device said when it confirmed the wish: near the wish, after its own rounding. */
    confirmed: ValueView | null;
    /** The wish is confirmed, but the confirming report is not here yet. */
    reportDue: boolean;
    /** The failure of the newest wish was put aside by the person. */
    dismissed: boolean;
}

export function fieldState(facts: Facts): FieldState {
    const { reading, wish, attempt, confirmed, reportDue, dismissed } = facts;
    const value = reading?.value ?? null;
    if (attempt?.error) {
        const why: Why = { by: "refusal", error: attempt.error };
        return { kind: "failed", value, wanted: attempt.wanted, why, since: attempt.since };
    }
    if (attempt) {
        return { kind: "pending", value: attempt.wanted, since: attempt.since, stage: "accepted" };
    }
    if (wish && isUnderWay(wish.stage)) {
        return { kind: "pending", value: wish.wanted, since: wish.since ?? 0, stage: wish.stage };
    }
    const why = wish && !dismissed ? whyItEnded(wish) : null;
    if (wish && why) {
        return { kind: "failed", value, wanted: wish.wanted, why, since: wish.since ?? 0 };
    }
    if (reading?.stale) {
        return { kind: "stale", value, measuredAt: reading.measuredAt };
    }
    if (wish?.stage === "confirmed" && reportDue) {
        return { kind: "confirmed", value: wish.wanted };
    }
    if (wish?.stage === "confirmed" && value !== null && sameValue(value, confirmed)) {
        return { kind: "confirmed", value };
    }
    return { kind: "shown", value };
}

export function isUnderWay(stage: StageView): boolean {
    return stage === "accepted" || stage === "sent" || stage === "acked" || stage === "delivered";
}

function whyItEnded(wish: IntentView): Why | null {
    if (wish.stage === "unconfirmed") {
        return wish.failure ? { by: "failure", failure: wish.failure } : { by: "deadline" };
    }
    if (wish.stage !== "failed") {
        return null;
    }
    const failure: FailureView = wish.failure ?? { code: "protocol", detail: null };
    return failure.code === "superseded" ? null : { by: "failure", failure };
}
