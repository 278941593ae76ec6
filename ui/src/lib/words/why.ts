/** Words for a wish that ended badly. */
import { m } from "../paraglide/messages";
import type { Why } from "../store/field-state";
import { wordsOf } from "./errors";
import { failureWords } from "./failures";
import type { Sentence } from "./sentence";

export function whyWords(why: Why): Sentence {
    switch (why.by) {
        case "refusal":
            return wordsOf(why.error);
        case "failure":
            return failureWords[why.failure.code];
        case "deadline":
            return { what: m.stage_unconfirmed, next: m.stage_unconfirmed_next };
    }
}

/** Foreign or technical text for the curious. */
export function whyDetail(why: Why): string | null {
    switch (why.by) {
        case "refusal":
            return why.error.detail;
        case "failure":
            return why.failure.detail;
        case "deadline":
            return null;
    }
}
