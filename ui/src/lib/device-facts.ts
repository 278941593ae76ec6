/** What can be said about a device at a glance. */
import type { FieldView } from "./bindings";
import type { Device } from "./store/device.svelte";
import type { Home } from "./store/home.svelte";

/** Why nothing can be asked of a device now. */
export type Block = "link" | "offline";

export function blockOf(home: Home, device: Device): Block | null {
    if (!home.online) {
        return "link";
    }
    return device.availability.state === "offline" ? "offline" : null;
}

/** At most this many readings and controls stand on a card. */
const ON_CARD = { readings: 3, controls: 2 };

/** What a card shows of a form: plain values and the controls that need no more than a touch. */
export function cardFields(fields: FieldView[]): { readings: FieldView[]; controls: FieldView[] } {
    const isControl = ({ control, readOnly }: FieldView) =>
        !readOnly && ["switch", "slider", "button", "choice"].includes(control.kind);
    const isValue = ({ control, readOnly }: FieldView) =>
        readOnly && !["header", "note", "button"].includes(control.kind);
    return {
        readings: fields.filter(isValue).slice(0, ON_CARD.readings),
        controls: fields.filter(isControl).slice(0, ON_CARD.controls),
    };
}

/** A form cut at its headers. */
export interface FormSection {
    header: FieldView | null;
    fields: FieldView[];
}

export function sections(fields: FieldView[]): FormSection[] {
    const all: FormSection[] = [];
    for (const field of fields) {
        if (field.control.kind === "header") {
            all.push({ header: field, fields: [] });
        } else {
            const last = all.at(-1);
            if (last) {
                last.fields.push(field);
            } else {
                all.push({ header: null, fields: [field] });
            }
        }
    }
    return all;
}
