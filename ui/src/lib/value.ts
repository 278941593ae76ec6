/** Values from all sides: devices say `1`, `true` and `on` of the same thing. */
import type { ValueView } from "./bindings";

/** Whether something is on, where that can be told. */
export function asBool(value: ValueView | null): boolean | null {
    switch (value?.type) {
        case "bool":
            return value.value;
        case "number":
            return value.value === null ? null : value.value !== 0;
        default:
            return null;
    }
}

export function asNumber(value: ValueView | null): number | null {
    return value?.type === "number" ? value.value : null;
}

/** The value as an option of a choice would write it. */
export function asWritten(value: ValueView | null): string {
    switch (value?.type) {
        case "bool":
            return value.value ? "1" : "0";
        case "number":
            return value.value === null ? "" : String(value.value);
        case "text":
            return value.value;
        case undefined:
            return "";
    }
}

/** Whether two values say the same, whatever their types: a choice of numbers is written as text. */
export function sameValue(one: ValueView | null, other: ValueView | null): boolean {
    return one === null || other === null ? one === other : asWritten(one) === asWritten(other);
}
