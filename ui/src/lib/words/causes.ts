/** Words for why there is no connection. The compiler keeps the list complete. */
import { m } from "../paraglide/messages";
import type { LinkCause } from "../bindings";
import type { Sentence } from "./sentence";

export const causeWords: Record<LinkCause, Sentence> = {
    nameNotFound: { what: m.cause_nameNotFound, next: m.cause_nameNotFound_next },
    unreachable: { what: m.cause_unreachable, next: m.cause_unreachable_next },
    noTls: { what: m.cause_noTls, next: m.cause_noTls_next },
    certificateUntrusted: {
        what: m.cause_certificateUntrusted,
        next: m.cause_certificateUntrusted_next,
    },
    certificateInvalid: { what: m.cause_certificateInvalid, next: m.cause_certificateInvalid_next },
    certificateChanged: { what: m.cause_certificateChanged, next: m.cause_certificateChanged_next },
    tlsFailed: { what: m.cause_tlsFailed, next: m.cause_tlsFailed_next },
    wrongPassword: { what: m.cause_wrongPassword, next: m.cause_wrongPassword_next },
    accountRefused: { what: m.cause_accountRefused, next: m.cause_accountRefused_next },
    noSafeMechanism: { what: m.cause_noSafeMechanism, next: m.cause_noSafeMechanism_next },
    conflict: { what: m.cause_conflict, next: m.cause_conflict_next },
    silent: { what: m.cause_silent, next: m.cause_silent_next },
    closed: { what: m.cause_closed, next: m.cause_closed_next },
    streamError: { what: m.cause_streamError, next: m.cause_streamError_next },
    protocol: { what: m.cause_protocol, next: m.cause_protocol_next },
};
