/** Names of the faults of the demo home. The compiler keeps the list complete. */
import { m } from "../paraglide/messages";
import type { DemoFault } from "../bindings";

export const faultWords: Record<DemoFault, () => string> = {
    dropLink: m.demo_fault_dropLink,
    answerLate: m.demo_fault_answerLate,
    refuse: m.demo_fault_refuse,
    garbage: m.demo_fault_garbage,
    reboot: m.demo_fault_reboot,
    serverRestart: m.demo_fault_serverRestart,
};
