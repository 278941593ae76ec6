/**
 * The one clock of the app, so that a thousand ages cost one timer. `now` ticks every second for
 * countdowns, `coarse` every ten for ages; whoever reads only `coarse` is not woken in between.
 */
export class Clock {
    #now = $state(0);
    #coarse = $state(0);
    readonly #read: () => number;

    constructor(read: () => number = Date.now) {
        this.#read = read;
        this.tick();
    }

    get now(): number {
        return this.#now;
    }

    get coarse(): number {
        return this.#coarse;
    }

    /** Ticks until the returned function is called. */
    start(): () => void {
        const timer = setInterval(() => this.tick(), 1000);
        return () => clearInterval(timer);
    }

    tick(): void {
        this.#now = this.#read();
        if (Math.abs(this.#now - this.#coarse) >= 10_000) {
            this.#coarse = this.#now;
        }
    }
}
