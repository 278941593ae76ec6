/** Words for refusals of commands. The compiler keeps the list complete. */
import { m } from "../paraglide/messages";
import type { AnyError } from "../backend";
import type { ErrorCode } from "../bindings";
import type { Sentence } from "./sentence";

export const errorWords: Record<ErrorCode, Sentence> = {
    badJid: { what: m.error_badJid, next: m.error_badJid_next },
    badHost: { what: m.error_badHost, next: m.error_badHost_next },
    badAuthority: { what: m.error_badAuthority, next: m.error_badAuthority_next },
    noPassword: { what: m.error_noPassword, next: m.error_noPassword_next },
    notSignedIn: { what: m.error_notSignedIn, next: m.error_notSignedIn_next },
    noSuchDevice: { what: m.error_noSuchDevice, next: m.error_noSuchDevice_next },
    noSuchField: { what: m.error_noSuchField, next: m.error_noSuchField_next },
    readOnly: { what: m.error_readOnly, next: m.error_readOnly_next },
    badValue: { what: m.error_badValue, next: m.error_badValue_next },
    notAnOption: { what: m.error_notAnOption, next: m.error_notAnOption_next },
    outOfRange: { what: m.error_outOfRange, next: m.error_outOfRange_next },
    offline: { what: m.error_offline, next: m.error_offline_next },
    alreadyThere: { what: m.error_alreadyThere, next: m.error_alreadyThere_next },
    noKeychain: { what: m.error_noKeychain, next: m.error_noKeychain_next },
    keychainLocked: { what: m.error_keychainLocked, next: m.error_keychainLocked_next },
    wrongPassphrase: { what: m.error_wrongPassphrase, next: m.error_wrongPassphrase_next },
    storage: { what: m.error_storage, next: m.error_storage_next },
    alreadyRunning: { what: m.error_alreadyRunning, next: m.error_alreadyRunning_next },
    busy: { what: m.error_busy, next: m.error_busy_next },
};

const UNFORESEEN: Sentence = { what: m.unknown_error, next: m.unknown_error_next };

/** The words for any error, also for those that nobody foresaw. */
export function wordsOf(error: AnyError): Sentence {
    return error.code === "unforeseen" ? UNFORESEEN : (errorWords[error.code] ?? UNFORESEEN);
}
