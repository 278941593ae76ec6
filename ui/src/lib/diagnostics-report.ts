/** Diagnostics as plain text to send to somebody. English and ISO times, whatever the screen says. */
import type { AccountView, DiagnosticsView } from "./bindings";
import { machineTime } from "./format/time";

export function report(account: AccountView, facts: DiagnosticsView): string {
    const link = account.link;
    return [
        `Roost ${facts.version}`,
        `account: ${account.jid ?? "-"}${account.demo ? " (demo)" : ""}`,
        `link: ${link.state}${"cause" in link ? ` (${link.cause})` : ""}`,
        ...(link.state === "online" ? [`security: ${link.security}`] : []),
        `streams: ${facts.streams}, resumed: ${facts.resumptions}, values: ${facts.values}`,
        ...facts.discarded.map(
            ({ reason, count, lastFrom }) =>
                `discarded: ${count} ${reason}${lastFrom ? ` (last from ${lastFrom})` : ""}`,
        ),
        ...facts.log.map(({ at, text }) => `${(at !== null && machineTime(at)) || "-"} ${text}`),
        "",
    ].join("\n");
}
