/** Words for why something was thrown away. A reason that is newer than this list shows its name. */
import { m } from "../paraglide/messages";

const words: Record<string, () => string> = {
    foreignService: m.discard_foreignService,
    unaskedAnswer: m.discard_unaskedAnswer,
    forgedCopy: m.discard_forgedCopy,
    malformed: m.discard_malformed,
    unknownNode: m.discard_unknownNode,
    tooLarge: m.discard_tooLarge,
    stranger: m.discard_stranger,
    foreignPublisher: m.discard_foreignPublisher,
    unstamped: m.discard_unstamped,
    misplaced: m.discard_misplaced,
    tooMany: m.discard_tooMany,
    unaskedSubscription: m.discard_unaskedSubscription,
};

export function discardWords(reason: string): string {
    return words[reason]?.() ?? reason;
}
