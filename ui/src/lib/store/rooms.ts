/** Devices sorted into rooms as people sort: by name, in the order of their language. */
import { lazily } from "../format/intl";
import type { Device } from "./device.svelte";

export interface Room {
    /** `null`: devices without a room. They come last. */
    name: string | null;
    devices: Device[];
}

export function intoRooms(devices: Device[], tag: string): Room[] {
    const rooms = new Map<string | null, Device[]>();
    for (const device of devices) {
        const there = rooms.get(device.room);
        if (there) {
            there.push(device);
        } else {
            rooms.set(device.room, [device]);
        }
    }
    const compare = order(tag);
    return [...rooms]
        .sort(([one], [other]) => (one === null ? 1 : other === null ? -1 : compare(one, other)))
        .map(([name, inside]) => ({
            name,
            devices: inside.sort((one, other) => compare(one.name, other.name)),
        }));
}

export function roomNames(devices: Device[], tag: string): string[] {
    const names = new Set(devices.flatMap((device) => device.room ?? []));
    return [...names].sort(order(tag));
}

/** Whether a device is meant by what a person typed: every word is somewhere in what it is called. */
export function matches(device: Device, query: string): boolean {
    const text = `${device.name} ${device.room ?? ""} ${device.id}`.toLowerCase();
    return query
        .toLowerCase()
        .split(/\s+/)
        .every((word) => text.includes(word));
}

function order(tag: string): (one: string, other: string) => number {
    const collator = lazily(`order ${tag}`, () => new Intl.Collator(tag, { numeric: true }));
    return collator
        ? collator.compare.bind(collator)
        : (one, other) => (one < other ? -1 : one > other ? 1 : 0);
}
