/**
 * A backend that plays a home without an app behind it: commands are answered, wishes climb their
 * ladder at a leisurely pace, and a scene may put anything on the channel.
 */
import type { Backend } from "../lib/backend";
import type {
    AccountView,
    ApiError,
    DeviceView,
    Event,
    IntentView,
    TroubleView,
    SettingsView,
    StageView,
    ValueView,
} from "../lib/bindings";
import { diagnostics, reading } from "./fixtures";

export interface FixtureState {
    account: AccountView;
    settings: SettingsView;
    devices: DeviceView[];
    intents: IntentView[];
    troubles: TroubleView[];
}

type Change = Event extends infer E ? (E extends { rev: number } ? Omit<E, "rev"> : never) : never;

/** Time between two rungs of the ladder, in milliseconds. */
const RUNG = 400;

export class FixtureBackend implements Backend {
    readonly state: FixtureState;
    /** Names of the commands that were called, for tests. */
    readonly calls: string[] = [];
    /** Makes every command fail. */
    refuseWith: ApiError | null = null;
    #listener: ((event: Event) => void) | null = null;
    #rev = 0;
    #wishes = 100;

    constructor(state: FixtureState) {
        this.state = state;
    }

    emit(change: Change): void {
        this.#listener?.({ ...change, rev: ++this.#rev } as Event);
    }

    subscribe(listener: (event: Event) => void): Promise<null> {
        this.#listener = listener;
        this.#rev = 0;
        this.emit({ type: "snapshot", ...this.state });
        return Promise.resolve(null);
    }

    setValue(device: string, name: string, value: ValueView): Promise<number> {
        return this.#answer("setValue", () => {
            const id = ++this.#wishes;
            const ladder: StageView[] = ["accepted", "sent", "acked", "delivered", "confirmed"];
            ladder.forEach((stage, rung) => {
                setTimeout(() => this.#climb(id, device, name, value, stage), rung * RUNG);
            });
            return id;
        });
    }

    signIn = () => this.#answer("signIn", () => null);
    retryNow = () => this.#answer("retryNow", () => null);
    trustCertificate = () => this.#answer("trustCertificate", () => null);
    addDevice = () => this.#answer("addDevice", () => null);
    renameDevice = () => this.#answer("renameDevice", () => null);
    setRoom = () => this.#answer("setRoom", () => null);
    setWatched = () => this.#answer("setWatched", () => null);
    refresh = () => this.#answer("refresh", () => null);
    startDemo = () => this.#answer("startDemo", () => null);
    stopDemo = () => this.#answer("stopDemo", () => null);
    demoFault = () => this.#answer("demoFault", () => null);
    createVault = () => this.#answer("createVault", () => null);
    unlockVault = () => this.#answer("unlockVault", () => null);
    diagnostics = () => this.#answer("diagnostics", diagnostics);

    signOut(): Promise<null> {
        return this.#answer("signOut", () => {
            const account: AccountView = { ...this.state.account, link: { state: "off" } };
            this.emit({ type: "account", account });
            return null;
        });
    }

    removeDevice(id: string): Promise<null> {
        return this.#answer("removeDevice", () => {
            this.emit({ type: "devices", upserts: [], removed: [id] });
            return null;
        });
    }

    dismissTrouble(id: number): Promise<null> {
        return this.#answer("dismissTrouble", () => {
            this.state.troubles = this.state.troubles.filter((trouble) => trouble.id !== id);
            this.emit({ type: "troubles", troubles: this.state.troubles });
            return null;
        });
    }

    changeSettings(settings: SettingsView): Promise<null> {
        return this.#answer("changeSettings", () => {
            this.emit({ type: "settings", settings });
            return null;
        });
    }

    #climb(id: number, device: string, name: string, wanted: ValueView, stage: StageView): void {
        if (stage === "confirmed") {
            const readings = [reading(name, wanted, { measuredAt: Date.now() })];
            this.emit({ type: "readings", devices: [{ id: device, readings, removed: [] }] });
        }
        const wish: IntentView = {
            id,
            device,
            var: name,
            wanted,
            stage,
            since: Date.now(),
            failure: null,
        };
        this.emit({ type: "intents", upserts: [wish], removed: [] });
    }

    #answer<T>(name: string, make: () => T): Promise<T> {
        this.calls.push(name);
        // A refusal crosses the IPC as a plain object, not as an Error.
        return this.refuseWith ? Promise.reject(this.refuseWith) : Promise.resolve(make());
    }
}
