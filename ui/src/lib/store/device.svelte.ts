/**
 * A device as the screens see it. Each aspect is reactive on its own: a renamed device does not
 * redraw its form, and a value that arrives touches only its point.
 */
import { SvelteMap } from "svelte/reactivity";
import type {
    AccessView,
    AvailabilityView,
    DeviceReadings,
    DeviceView,
    FieldView,
    ProfileView,
    ReadingView,
    WarningView,
} from "../bindings";
import { Point } from "./point.svelte";

export class Device {
    readonly id: string;
    readonly #points = new SvelteMap<string, Point>();
    #name = $state("");
    #room = $state<string | null>(null);
    #availability = $state.raw<AvailabilityView>({ state: "unknown" });
    #profile = $state<ProfileView | null>(null);
    #access = $state.raw<AccessView>({ state: "asking" });
    #instructions = $state.raw<string[]>([]);
    #fields = $state.raw<FieldView[]>([]);
    #warnings = $state.raw<WarningView[]>([]);
    #dropped = $state(0);

    /** Points that have a value but no field in the form. */
    #others = $derived.by(() => {
        const named = new Set(this.#fields.map((field) => field.var));
        return [...this.#points.values()].filter(
            (point) => !named.has(point.name) && point.reading !== null,
        );
    });

    constructor(view: DeviceView) {
        this.id = view.id;
        this.apply(view);
    }

    get name(): string {
        return this.#name;
    }
    get room(): string | null {
        return this.#room;
    }
    get availability(): AvailabilityView {
        return this.#availability;
    }
    get profile(): ProfileView | null {
        return this.#profile;
    }
    get access(): AccessView {
        return this.#access;
    }
    get instructions(): string[] {
        return this.#instructions;
    }
    get fields(): FieldView[] {
        return this.#fields;
    }
    get warnings(): WarningView[] {
        return this.#warnings;
    }
    get dropped(): number {
        return this.#dropped;
    }
    get others(): Point[] {
        return this.#others;
    }
    get points(): Point[] {
        return [...this.#points.values()];
    }

    point(name: string): Point | undefined {
        return this.#points.get(name);
    }

    apply(view: DeviceView): void {
        this.#name = view.name;
        this.#room = view.room;
        this.#profile = view.profile;
        this.#dropped = view.dropped;
        this.#availability = keep(this.#availability, view.availability);
        this.#access = keep(this.#access, view.access);
        this.#instructions = keep(this.#instructions, view.instructions);
        this.#fields = keep(this.#fields, view.fields);
        this.#warnings = keep(this.#warnings, view.warnings);
        for (const field of view.fields) {
            this.#ensure(field.var);
        }
        const reported = new Set(view.readings.map((reading) => reading.var));
        for (const point of this.#points.values()) {
            if (!reported.has(point.name)) {
                point.report(null);
            }
        }
        view.readings.forEach((reading) => this.#report(reading));
    }

    applyReadings({ readings, removed }: DeviceReadings): void {
        readings.forEach((reading) => this.#report(reading));
        removed.forEach((name) => this.#points.get(name)?.report(null));
    }

    /** The point of that name, made where the form does not know it (yet). */
    pointForWish(name: string): Point {
        return this.#ensure(name);
    }

    #report(reading: ReadingView): void {
        this.#ensure(reading.var).report(reading);
    }

    #ensure(name: string): Point {
        const existing = this.#points.get(name);
        if (existing) {
            return existing;
        }
        const point = new Point(this.id, name);
        this.#points.set(name, point);
        return point;
    }
}

/** The old value where the new one says the same, so that nobody is redrawn for nothing. */
function keep<T>(before: T, after: T): T {
    return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}
