import { describe, expect, test } from "vitest";
import { editableNumber, formatExactly, formatNumber, type Measure, parseNumber } from "./number";

const celsius: Measure = { unit: "°C", quantity: "temperature" };

describe("numbers as people of a place write them", () => {
    const cases: [string, number, Measure, string][] = [
        ["en-GB", 21.37, celsius, "21.4"],
        ["de-DE", 21.37, celsius, "21,4"],
        ["en", 22, celsius, "22.0"],
        ["en", -0.04, celsius, "0.0"],
        ["en", -0.000_000_42, celsius, "0.0"],
        ["en", 1013.25, { unit: "hPa", quantity: "pressure" }, "1,013"],
        ["en", 1.0132, { unit: "bar", quantity: "pressure" }, "1.013"],
        ["de", -1_234_567.89, { unit: "furlong", quantity: "other" }, "−1.234.567,89"],
        ["en", -0.000_000_42, {}, "−4.2E−7"],
        ["en", 1e300, celsius, "1E300"],
        ["en", 21.5, { ...celsius, step: 0.5 }, "21.5"],
        ["en", 70, { unit: "%", quantity: "percent", step: 1 }, "70"],
        ["not a tag", 1.25, celsius, "1.3"],
    ];
    test.each(cases)("%s %d %o", (tag, value, measure, expected) => {
        expect(formatNumber(tag, value, measure)).toBe(expected);
    });

    test("the details show every digit", () => {
        expect(formatExactly("en", 1013.2468)).toBe("1,013.2468");
    });
});

describe("what a person typed", () => {
    const cases: [string, string, number | null][] = [
        ["en", "21.5", 21.5],
        ["de", "21,5", 21.5],
        ["de", "21.5", 21.5],
        ["de", "1.000", 1000],
        ["en", "1,000", 1000],
        ["en", "1,000.25", 1000.25],
        ["de", "1.000,25", 1000.25],
        ["en", " −5 ", -5],
        ["en", ".5", 0.5],
        ["en", "1e3", 1000],
        ["en", "1e999", null],
        ["en", "", null],
        ["en", "warm", null],
        ["de", "1,2,3", null],
        ["en", "0x10", null],
    ];
    test.each(cases)("%s %j", (tag, typed, expected) => {
        expect(parseNumber(tag, typed)).toBe(expected);
    });

    test("what is offered for editing reads back as itself", () => {
        for (const tag of ["en", "de"]) {
            for (const value of [0, -3.25, 1000, 0.001, 1_234_567.89]) {
                expect(parseNumber(tag, editableNumber(tag, value))).toBe(value);
            }
        }
    });
});
