/**
 * Numbers as people of a place write them, with as many digits as the quantity deserves. The same
 * quantity always has the same digits, so that a changing value does not jump about.
 */
import { lazily } from "./intl";

/** Narrow no-break space: between a number and its unit. */
const THIN = "\u202f";

/** Least and most digits behind the point, by unit first and quantity second. */
const DIGITS: Record<string, readonly [number, number]> = {
    bar: [3, 3],
    kWh: [1, 2],
    kW: [1, 2],
    temperature: [1, 1],
    pressure: [0, 0],
    humidity: [0, 0],
    illuminance: [0, 0],
    power: [0, 1],
    energy: [0, 1],
    voltage: [1, 2],
    current: [2, 2],
    frequency: [0, 2],
    duration: [0, 1],
    data: [0, 1],
    percent: [0, 1],
};
const OTHER: readonly [number, number] = [0, 3];

export interface Measure {
    unit?: string | null;
    quantity?: string | null;
    /** The step of a slider: decides the digits where the unit says nothing. */
    step?: number | null;
}

export function formatNumber(tag: string, value: number, measure: Measure = {}): string {
    const size = Math.abs(value);
    const [least, most] = digits(measure);
    const lost = size > 0 && size < 1e-3 && most === OTHER[1];
    return minus(size >= 1e12 || lost ? scientific(tag, value) : plain(tag, value, least, most));
}

function plain(tag: string, value: number, least: number, most: number): string {
    return (
        lazily(
            `number ${tag} ${least} ${most}`,
            () =>
                new Intl.NumberFormat(tag, {
                    minimumFractionDigits: least,
                    maximumFractionDigits: most,
                }),
        )?.format(noMinusZero(value, most)) ?? value.toFixed(most)
    );
}

/** Every digit there is, for the details. */
export function formatExactly(tag: string, value: number): string {
    return (
        lazily(
            `exact ${tag}`,
            () => new Intl.NumberFormat(tag, { maximumFractionDigits: 15 }),
        )?.format(value) ?? String(value)
    );
}

/** The unit as it stands behind the number. The device's own spelling stays in the details. */
export function unitSymbol(unit: string | null | undefined): string {
    return unit === "%RH" ? "%" : (unit ?? "");
}

/** What follows a number: a narrow space and the unit, or nothing. */
export function unitBehind(unit: string | null | undefined): string {
    const symbol = unitSymbol(unit);
    return symbol && THIN + symbol;
}

/**
 * Reads what a person typed, by the habits of `tag`: `21,5` in German, `1,000.5` in English. Also
 * takes the plain form `21.5` everywhere, as long as it cannot mean two things.
 */
export function parseNumber(tag: string, text: string): number | null {
    const bare = text
        .trim()
        .replace(/[\s\u00a0\u202f'’]/g, "")
        .replace("−", "-");
    const comma = decimalMark(tag) === ",";
    const grouped = comma ? /^[-+]?\d{1,3}(\.\d{3})+(,\d*)?$/ : /^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/;
    const plain = grouped.test(bare) ? bare.replaceAll(comma ? "." : ",", "") : bare;
    const english = comma || !plain.includes(".") ? plain.replace(",", ".") : plain;
    if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(english)) {
        return null;
    }
    const value = Number(english);
    return Number.isFinite(value) ? value : null;
}

/** What to put into an input: no grouping, the mark of the place. */
export function editableNumber(tag: string, value: number): string {
    return String(value).replace(".", decimalMark(tag));
}

function decimalMark(tag: string): string {
    const parts = lazily(
        `number ${tag} 1 1`,
        () =>
            new Intl.NumberFormat(tag, {
                minimumFractionDigits: 1,
                maximumFractionDigits: 1,
            }),
    )?.formatToParts(0.5);
    return parts?.find((part) => part.type === "decimal")?.value ?? ".";
}

function digits({ unit, quantity, step }: Measure): readonly [number, number] {
    const known = DIGITS[unit ?? ""] ?? DIGITS[quantity ?? ""];
    if (step && step > 0) {
        const needed = decimals(step);
        return [needed, Math.max(needed, known?.[1] ?? 0)];
    }
    return known ?? OTHER;
}

/** The sign, not the hyphen: it is as wide as a digit and sits at its height. */
function minus(text: string): string {
    return text.replaceAll("-", "\u2212");
}

function decimals(step: number): number {
    return Math.min(6, (String(step).split(".")[1] ?? "").length);
}

function noMinusZero(value: number, most: number): number {
    return Math.abs(value) < 0.5 * 10 ** -most ? 0 : value;
}

function scientific(tag: string, value: number): string {
    return (
        lazily(
            `scientific ${tag}`,
            () => new Intl.NumberFormat(tag, { notation: "scientific", maximumFractionDigits: 3 }),
        )?.format(value) ?? value.toExponential(3)
    );
}
