import { expect, test } from "vitest";
import de from "../../../messages/de.json";
import en from "../../../messages/en.json";
import { overwriteGetLocale } from "../paraglide/runtime";
import { causeWords } from "./causes";
import { errorWords } from "./errors";
import { failureWords } from "./failures";
import { faultWords } from "./faults";
import { problemWords } from "./problems";
import type { Sentence } from "./sentence";
import { vaultWords } from "./vault";
import { warningWords } from "./warnings";

// The records are complete by their types; here their words are.
const sentences: Record<string, Sentence> = { ...errorWords, ...causeWords, ...failureWords };
const words = { ...problemWords, ...warningWords, ...faultWords, ...vaultWords };

test("every code has words of its own in each language", () => {
    const all = [
        ...Object.values(sentences).flatMap(({ what, next }) => [what, next]),
        ...Object.values(words),
    ];
    for (const say of all) {
        overwriteGetLocale(() => "en");
        const english = say();
        overwriteGetLocale(() => "de");
        const german = say();
        expect(english).toMatch(/\S/);
        expect(german).toMatch(/\S/);
        expect(german).not.toBe(english);
    }
});

test("both languages have the same messages with the same places to fill in", () => {
    const places = (messages: object) =>
        Object.entries(messages).map(([key, text]) => [
            key,
            ...new Set(
                JSON.stringify(text)
                    .match(/\{\w+\}/g)
                    ?.sort(),
            ),
        ]);
    expect(places(de)).toEqual(places(en));
});
