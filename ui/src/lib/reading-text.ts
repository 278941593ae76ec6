/** A value as a line of text. Booleans are words, numbers follow the place and the quantity. */
import type { ValueView } from "./bindings";
import { formatNumber, type Measure, unitBehind } from "./format/number";
import { m } from "./paraglide/messages";

/** The value and, apart from it, the unit with the space before it. */
export function valueParts(
    tag: string,
    value: ValueView | null,
    measure: Measure = {},
): { main: string; unit: string } {
    switch (value?.type) {
        case "bool":
            return { main: value.value ? m.state_on() : m.state_off(), unit: "" };
        case "number":
            return value.value === null
                ? { main: m.state_unknown(), unit: "" }
                : { main: formatNumber(tag, value.value, measure), unit: unitBehind(measure.unit) };
        case "text":
            return { main: value.value, unit: unitBehind(measure.unit) };
        case undefined:
            return { main: "–", unit: "" };
    }
}

export function valueText(tag: string, value: ValueView | null, measure: Measure = {}): string {
    const { main, unit } = valueParts(tag, value, measure);
    return main + unit;
}
