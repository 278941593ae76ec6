/** Moments and ages as people say them. All times are milliseconds since 1970. */
import { lazily } from "./intl";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Below this an age is "just now". */
const NOW_BELOW = 45 * SECOND;

/** “3 minutes ago”; `null` where that would be “just now”, also for times slightly ahead. */
export function formatAge(tag: string, at: number, now: number): string | null {
    const age = now - at;
    if (age < NOW_BELOW) {
        return null;
    }
    const [unit, size]: [Intl.RelativeTimeFormatUnit, number] =
        age < 59.5 * MINUTE ? ["minute", MINUTE] : age < DAY ? ["hour", HOUR] : ["day", DAY];
    const count = Math.max(1, Math.round(age / size));
    return (
        lazily(`age ${tag}`, () => new Intl.RelativeTimeFormat(tag, { numeric: "always" }))?.format(
            -count,
            unit,
        ) ?? formatMoment(tag, at, now)
    );
}

/** “14:02” today, “12 Mar, 14:02” otherwise. */
export function formatMoment(tag: string, at: number, now: number): string {
    const today = new Date(at).toDateString() === new Date(now).toDateString();
    const style: Intl.DateTimeFormatOptions = today
        ? { hour: "numeric", minute: "2-digit" }
        : { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" };
    return format(tag, today ? "moment today" : "moment", style, at);
}

/** With seconds, for logs and details. */
export function formatPrecisely(tag: string, at: number, now: number): string {
    const today = new Date(at).toDateString() === new Date(now).toDateString();
    const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
    const style: Intl.DateTimeFormatOptions = today
        ? time
        : { day: "numeric", month: "short", year: "numeric", ...time };
    return format(tag, today ? "precise today" : "precise", style, at);
}

/** For `<time datetime>`; `undefined` for times that no calendar knows. */
export function machineTime(at: number): string | undefined {
    return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : undefined;
}

function format(tag: string, name: string, style: Intl.DateTimeFormatOptions, at: number): string {
    if (machineTime(at) === undefined) {
        return "–";
    }
    const formatter = lazily(`${name} ${tag}`, () => new Intl.DateTimeFormat(tag, style));
    return formatter?.format(at) ?? new Date(at).toISOString();
}
