/** Words for what is wrong with a value. The compiler keeps the list complete. */
import { m } from "../paraglide/messages";
import type { ProblemCode } from "../bindings";

export const problemWords: Record<ProblemCode, () => string> = {
    empty: m.problem_empty,
    tooLong: m.problem_tooLong,
    unknownType: m.problem_unknownType,
    notBool: m.problem_notBool,
    notNumber: m.problem_notNumber,
    outOfRange: m.problem_outOfRange,
    unreadable: m.problem_unreadable,
};
