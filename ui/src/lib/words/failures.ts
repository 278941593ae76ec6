/** Words for why a wish failed. The compiler keeps the list complete. */
import { m } from "../paraglide/messages";
import type { FailureCodeView } from "../bindings";
import type { Sentence } from "./sentence";

export const failureWords: Record<FailureCodeView, Sentence> = {
    forbidden: { what: m.failure_forbidden, next: m.failure_forbidden_next },
    serverForbidsOverwrite: {
        what: m.failure_serverForbidsOverwrite,
        next: m.failure_serverForbidsOverwrite_next,
    },
    notFound: { what: m.failure_notFound, next: m.failure_notFound_next },
    notOffered: { what: m.failure_notOffered, next: m.failure_notOffered_next },
    refusedByDevice: { what: m.failure_refusedByDevice, next: m.failure_refusedByDevice_next },
    deviceDoesNotReport: {
        what: m.failure_deviceDoesNotReport,
        next: m.failure_deviceDoesNotReport_next,
    },
    timedOut: { what: m.failure_timedOut, next: m.failure_timedOut_next },
    connectionLost: { what: m.failure_connectionLost, next: m.failure_connectionLost_next },
    rateLimited: { what: m.failure_rateLimited, next: m.failure_rateLimited_next },
    superseded: { what: m.failure_superseded, next: m.failure_superseded_next },
    protocol: { what: m.failure_protocol, next: m.failure_protocol_next },
};
