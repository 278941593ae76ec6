import { expect, test } from "vitest";
import { device } from "../../gallery/fixtures";
import { Device } from "./device.svelte";
import { intoRooms, matches, roomNames } from "./rooms";

const at = (name: string, room: string | null) => new Device(device(`${name}@x`, name, { room }));

const home = [
    at("Lamp 10", "Küche"),
    at("Door", null),
    at("Lamp 2", "Küche"),
    at("Äther", "Bad"),
    at("Zebra", "Bad"),
];

test("rooms and devices stand in the order of the language, the roomless last", () => {
    const rooms = intoRooms(home, "de").map(({ name, devices }) => [
        name,
        ...devices.map((device) => device.name),
    ]);
    expect(rooms).toEqual([
        ["Bad", "Äther", "Zebra"],
        ["Küche", "Lamp 2", "Lamp 10"],
        [null, "Door"],
    ]);
    expect(roomNames(home, "de")).toEqual(["Bad", "Küche"]);
});

test.each([
    ["lamp", ["Lamp 10", "Lamp 2"]],
    ["küche 2", ["Lamp 2"]],
    ["DOOR@x", ["Door"]],
    ["  ", ["Lamp 10", "Door", "Lamp 2", "Äther", "Zebra"]],
    ["nothing", []],
])("searching for %j", (query, found) => {
    expect(home.filter((device) => matches(device, query)).map(({ name }) => name)).toEqual(found);
});
