import { expect, test } from "vitest";
import { hashOf, type Place, placeOf } from "./route.svelte";

test("every place has an address that leads back to it", () => {
    const places: Place[] = [
        { page: "home", room: null },
        { page: "home", room: "Küche / Bad" },
        { page: "device", id: "lamp%2F@home.example" },
        { page: "settings" },
        { page: "diagnostics" },
    ];
    for (const place of places) {
        expect(placeOf(hashOf(place))).toEqual(place);
    }
});

test("an address that leads nowhere leads home", () => {
    for (const hash of ["", "#", "#/", "#/nowhere", "#/device/", "#/room/%E0%A4%A", "#/device"]) {
        expect(placeOf(hash)).toEqual({ page: "home", room: null });
    }
});
