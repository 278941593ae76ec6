/** One thing asked of the app: under way, done, or refused with its reason. */
import { type AnyError, asError } from "../backend";

export class Task {
    #running = $state(false);
    #error = $state.raw<AnyError | null>(null);

    get running(): boolean {
        return this.#running;
    }

    get error(): AnyError | null {
        return this.#error;
    }

    /** Whether it was done. A second call while the first is under way does nothing. */
    async run(what: () => Promise<unknown>): Promise<boolean> {
        if (this.#running) {
            return false;
        }
        this.#running = true;
        this.#error = null;
        try {
            await what();
            return true;
        } catch (thrown) {
            this.#error = asError(thrown);
            return false;
        } finally {
            this.#running = false;
        }
    }

    clear(): void {
        this.#error = null;
    }
}
