/**
 * One point of a device: what was last reported under a name, and what is wished of it. Each point
 * is reactive on its own, so a changed value redraws its own text and nothing else.
 */
import type { IntentView, ReadingView, ValueView } from "../bindings";
import { asError } from "../backend";
import { sameValue } from "../value";
import { type Attempt, type FieldState, fieldState, isUnderWay } from "./field-state";

/** How long a confirmed wish may wait for the report that confirmed it, in milliseconds. */
const REPORT_DUE_FOR = 1000;

export class Point {
    readonly device: string;
    readonly name: string;
    #reading = $state.raw<ReadingView | null>(null);
    #wish = $state.raw<IntentView | null>(null);
    #attempt = $state.raw<Attempt | null>(null);
    #confirmed = $state.raw<ValueView | null>(null);
    #reportDue = $state(false);
    #dismissed = $state(false);
    /** Whether the device said anything since the newest wish began. */
    #reported = false;

    #state = $derived.by(() =>
        fieldState({
            reading: this.#reading,
            wish: this.#wish,
            attempt: this.#attempt,
            confirmed: this.#confirmed,
            reportDue: this.#reportDue,
            dismissed: this.#dismissed,
        }),
    );

    constructor(device: string, name: string) {
        this.device = device;
        this.name = name;
    }

    get reading(): ReadingView | null {
        return this.#reading;
    }

    get state(): FieldState {
        return this.#state;
    }

    /** What a control is to show as its value: the wish while one is under way. */
    get value(): ValueView | null {
        return this.#state.value;
    }

    report(reading: ReadingView | null): void {
        this.#reading = reading;
        this.#reported = true;
        if (this.#reportDue) {
            this.#reportDue = false;
            this.#confirmed = reading?.value ?? null;
        }
    }

    /** A newer wish replaces an older one; news of an older one is old news. */
    wish(wish: IntentView): void {
        const before = this.#wish;
        if (before && before.id > wish.id) {
            return;
        }
        const fresh = before?.id !== wish.id;
        const watched = !fresh || this.#attempt !== null;
        if (fresh) {
            this.#dismissed = false;
            this.#confirmed = null;
            this.#reported &&= !isUnderWay(wish.stage);
        }
        this.#wish = wish;
        if (this.#attempt?.id != null && this.#attempt.id <= wish.id) {
            this.#attempt = null;
        }
        if (wish.stage === "confirmed" && (fresh || before.stage !== "confirmed")) {
            this.#confirm(wish, watched);
        }
    }

    forgetWish(id: number): void {
        if (this.#wish?.id === id) {
            this.#wish = null;
            this.#reportDue = false;
        }
    }

    /** A snapshot holds every wish there is: an accepted attempt is among them, or over. */
    startOver(): void {
        if (this.#attempt?.id != null) {
            this.#attempt = null;
        }
    }

    /** Shows the wish at once and keeps showing it until its intent takes over, or a refusal. */
    async submit(wanted: ValueView, now: number, send: () => Promise<number>): Promise<void> {
        const attempt: Attempt = { wanted, since: now, id: null, error: null };
        this.#attempt = attempt;
        this.#reported = false;
        try {
            const id = await send();
            this.#settle(attempt, this.#wish && this.#wish.id >= id ? null : { ...attempt, id });
        } catch (thrown) {
            this.#settle(attempt, { ...attempt, error: asError(thrown) });
        }
    }

    /** Puts a failure aside. */
    dismiss(): void {
        if (this.#attempt?.error) {
            this.#attempt = null;
        }
        this.#dismissed = true;
    }

    /** Only the newest attempt counts: a person may click faster than the app answers. */
    #settle(attempt: Attempt, outcome: Attempt | null): void {
        if (this.#attempt === attempt) {
            this.#attempt = outcome;
        }
    }

    /** Only of a wish whose way was watched it is known which report came after it. */
    #confirm(wish: IntentView, watched: boolean): void {
        const value = this.#reading?.value ?? null;
        if (sameValue(value, wish.wanted) || (watched && this.#reported)) {
            this.#confirmed = value;
        } else if (watched) {
            this.#reportDue = true;
            setTimeout(() => {
                if (this.#wish === wish) {
                    this.#reportDue = false;
                }
            }, REPORT_DUE_FOR);
        }
    }
}
