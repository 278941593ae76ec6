/** Which of our languages to speak, and which regional habits to format numbers by. */
import { validTag } from "./intl";

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Speech {
    language: Language;
    /** For `Intl`: the system's own tag where it is of that language (`de-AT`), else the bare one. */
    tag: string;
}

/**
 * `setting` is the person's choice, `system` what the web view reports, most preferred first.
 * Nonsense in either is skipped.
 */
export function chooseSpeech(setting: string | null, system: readonly string[]): Speech {
    const tags = system.map(validTag).filter((tag) => tag !== null);
    const language = ours(setting) ?? firstOf(tags.map(ours)) ?? "en";
    return { language, tag: tags.find((tag) => ours(tag) === language) ?? language };
}

function ours(tag: string | null): Language | null {
    const base = tag?.split("-")[0]?.toLowerCase();
    return LANGUAGES.find((language) => language === base) ?? null;
}

function firstOf<T>(items: (T | null)[]): T | null {
    return items.find((item) => item !== null) ?? null;
}
