import { expect, test } from "vitest";
import { chooseSpeech } from "./language";

test.each([
    [null, ["de-AT", "en"], "de", "de-AT"],
    [null, ["fr-FR", "de"], "de", "de"],
    [null, ["fr-FR"], "en", "en"],
    [null, ["C"], "en", "en"],
    [null, ["en-US@posix", "de-DE"], "de", "de-DE"],
    [null, [], "en", "en"],
    ["en", ["de-AT", "en-GB"], "en", "en-GB"],
    ["de", ["C"], "de", "de"],
    ["klingon", ["de"], "de", "de"],
])("setting %j on a system of %j", (setting, system, language, tag) => {
    expect(chooseSpeech(setting, system)).toEqual({ language, tag });
});
