/** Words for what went wrong while nobody waited for it. The compiler keeps the lists complete. */
import { m } from "../paraglide/messages";
import type { FailureCodeView, TroubleCode, TroubleView } from "../bindings";

const what: Record<TroubleCode, (name: { device: string }) => string> = {
    passwordNotKept: m.trouble_passwordNotKept,
    notAdded: m.trouble_notAdded,
    notRenamed: m.trouble_notRenamed,
    notMoved: m.trouble_notMoved,
    notRemoved: m.trouble_notRemoved,
};

/** Those that time mends; of the others the server is asked. */
const passing: Partial<Record<FailureCodeView, () => string>> = {
    connectionLost: m.trouble_connectionLost,
    timedOut: m.trouble_timedOut,
    rateLimited: m.trouble_rateLimited,
};

export function troubleWords({ code, device, failure }: TroubleView) {
    const next =
        failure === null ? m.trouble_passwordNotKept_next : (passing[failure] ?? m.trouble_refused);
    return { what: what[code]({ device: device?.name ?? "" }), next: next() };
}
