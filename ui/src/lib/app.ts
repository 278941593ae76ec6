/** What every component may ask for: one object per window, handed down by context. */
import { createContext } from "svelte";
import type { Backend } from "./backend";
import { Clock } from "./store/clock.svelte";
import { Home } from "./store/home.svelte";
import { Preferences } from "./store/preferences.svelte";
import { Route } from "./store/route.svelte";

export interface App {
    backend: Backend;
    home: Home;
    clock: Clock;
    preferences: Preferences;
    route: Route;
}

export const [useApp, provideApp] = createContext<App>();

export function createApp(backend: Backend, languages: readonly string[]): App {
    const home = new Home(backend);
    return {
        backend,
        home,
        clock: new Clock(),
        preferences: new Preferences(home, languages),
        route: new Route(),
    };
}
