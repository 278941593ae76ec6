/** Where in the app the person is, kept in the hash of the address, so that Back works. */

export type Place =
    | { page: "home"; room: string | null }
    | { page: "device"; id: string }
    | { page: "settings" }
    | { page: "diagnostics" };

export class Route {
    #place = $state.raw<Place>({ page: "home", room: null });

    get place(): Place {
        return this.#place;
    }

    /** Follows the address until the returned function is called. */
    start(): () => void {
        const follow = (): void => {
            this.#place = placeOf(location.hash);
        };
        follow();
        addEventListener("hashchange", follow);
        return () => removeEventListener("hashchange", follow);
    }

    go(place: Place): void {
        location.hash = hashOf(place);
    }
}

export function hashOf(place: Place): string {
    switch (place.page) {
        case "home":
            return place.room === null ? "#/" : `#/room/${encodeURIComponent(place.room)}`;
        case "device":
            return `#/device/${encodeURIComponent(place.id)}`;
        default:
            return `#/${place.page}`;
    }
}

/** Anything unknown leads home. */
export function placeOf(hash: string): Place {
    const [page, rest] = hash.replace(/^#\/?/, "").split("/", 2);
    const name = decoded(rest);
    if (page === "device" && name) {
        return { page, id: name };
    }
    if (page === "settings" || page === "diagnostics") {
        return { page };
    }
    return { page: "home", room: page === "room" && name ? name : null };
}

function decoded(text: string | undefined): string | null {
    try {
        return decodeURIComponent(text ?? "");
    } catch {
        return null;
    }
}
