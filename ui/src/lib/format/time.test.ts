import { expect, test } from "vitest";
import { formatAge, formatMoment, machineTime } from "./time";

const NOW = new Date(2026, 10, 21, 14, 30).getTime();
const MINUTE = 60_000;

test.each([
    [-5_000, null],
    [10_000, null],
    [50_000, "1 minute ago"],
    [5 * MINUTE, "5 minutes ago"],
    [59.6 * MINUTE, "1 hour ago"],
    [26 * 60 * MINUTE, "1 day ago"],
])("%d ms are %j", (age, expected) => {
    expect(formatAge("en", NOW - age, NOW)).toBe(expected);
});

test("ages speak German", () => {
    expect(formatAge("de", NOW - 5 * MINUTE, NOW)).toBe("vor 5 Minuten");
});

test("a moment of today needs no date", () => {
    expect(formatMoment("de", NOW - 28 * MINUTE, NOW)).toBe("14:02");
    expect(formatMoment("de", NOW - 48 * 60 * MINUTE, NOW)).toContain("19");
});

test("times that no calendar knows are survived", () => {
    for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 9e15]) {
        expect(formatMoment("en", at, NOW)).toBe("–");
        expect(machineTime(at)).toBeUndefined();
    }
});
