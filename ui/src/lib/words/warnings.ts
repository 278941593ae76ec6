/** Words for what was odd about a form. The compiler keeps the list complete. */
import { m } from "../paraglide/messages";
import type { WarningCode } from "../bindings";

export const warningWords: Record<WarningCode, () => string> = {
    formType: m.warning_formType,
    fieldType: m.warning_fieldType,
    noVar: m.warning_noVar,
    duplicateVar: m.warning_duplicateVar,
    tooManyValues: m.warning_tooManyValues,
    noOptions: m.warning_noOptions,
    requiredReadOnly: m.warning_requiredReadOnly,
    badRange: m.warning_badRange,
    badValidation: m.warning_badValidation,
    badReference: m.warning_badReference,
    tooLarge: m.warning_tooLarge,
};
