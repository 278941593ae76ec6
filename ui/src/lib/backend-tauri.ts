/** The backend behind the window: the generated commands, and one channel for what comes back. */
import { Channel } from "@tauri-apps/api/core";
import type { Backend } from "./backend";
import { type Event, commands } from "./bindings";

export function tauriBackend(): Backend {
    let current: Channel<Event> | null = null;
    return {
        ...commands,
        subscribe: (listener) => {
            if (current) {
                current.onmessage = () => {};
            }
            current = new Channel<Event>(listener);
            return commands.subscribe(current);
        },
    };
}
