/**
 * Language and theme: the person's settings where there are some, else the system's. Messages read
 * the language through here, so a change of it redraws every word without a reload.
 */
import { chooseSpeech, type Language } from "../format/language";
import { overwriteGetLocale } from "../paraglide/runtime";
import type { Home } from "./home.svelte";

export type Theme = "light" | "dark";

export class Preferences {
    readonly #home: Home;
    readonly #system: readonly string[];
    readonly #speech = $derived.by(() => chooseSpeech(this.#home.settings.language, this.#system));

    /** `system` are the languages of the web view, most preferred first. */
    constructor(home: Home, system: readonly string[]) {
        this.#home = home;
        this.#system = system;
        overwriteGetLocale(() => this.language);
    }

    get language(): Language {
        return this.#speech.language;
    }

    /** The tag for `Intl`. */
    get tag(): string {
        return this.#speech.tag;
    }

    /** `null` follows the system. */
    get theme(): Theme | null {
        const theme = this.#home.settings.theme;
        return theme === "light" || theme === "dark" ? theme : null;
    }
}
