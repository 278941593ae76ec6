/**
 * What the user interface asks of the app: the generated commands, with the channel of
 * `subscribe` reduced to a function. `tauriBackend` carries it over the window's IPC; tests and the
 * gallery bring a backend of fixtures.
 */
import type { ApiError, Event, commands } from "./bindings";

/** Every method rejects with what `asError` can read. */
export type Backend = Omit<typeof commands, "subscribe"> & {
    /** A snapshot arrives first, then changes. Calling again starts over. */
    subscribe(listener: (event: Event) => void): Promise<null>;
};

/** An error that the app did not foresee: the IPC itself failed, or a bug. */
export interface UnforeseenError {
    code: "unforeseen";
    detail: string | null;
    field: null;
}

export type AnyError = ApiError | UnforeseenError;

/** Reads what a rejected promise carries. */
export function asError(thrown: unknown): AnyError {
    if (typeof thrown === "object" && thrown !== null && "code" in thrown) {
        const { code, detail, field } = thrown as Partial<ApiError>;
        if (typeof code === "string") {
            return { code, detail: detail ?? null, field: field ?? null };
        }
    }
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return { code: "unforeseen", detail, field: null };
}
