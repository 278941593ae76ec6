/** What every kind of field gets. */
import type { FieldView } from "../../lib/bindings";
import type { Block } from "../../lib/device-facts";
import type { Device } from "../../lib/store/device.svelte";
import type { Point } from "../../lib/store/point.svelte";

export interface FieldProps {
    device: Device;
    field: FieldView;
    point: Point;
    block: Block | null;
    /** On a card: only what a glance and a touch need. */
    compact?: boolean;
}

/** How a control looks in a state; the four that a person can tell apart, and the plain one. */
export type Look = Point["state"]["kind"];
