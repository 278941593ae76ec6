/**
 * The home: everything the app told this window, and the way back to it.
 *
 * Life cycle: `open()` subscribes; a snapshot comes, then changes whose revisions rise by one. A
 * gap means that something was missed: subscribe again, and until the new snapshot is here show
 * what is known. Truth comes only from events; a click is remembered as an attempt at its point
 * and never as a value.
 */
import { SvelteMap } from "svelte/reactivity";
import type { Backend } from "../backend";
import type {
    AccountView,
    DeviceView,
    DiagnosticsView,
    Event,
    IntentView,
    SettingsView,
    TroubleView,
    ValueView,
} from "../bindings";
import { Device } from "./device.svelte";

export class Home {
    readonly backend: Backend;
    readonly #devices = new SvelteMap<string, Device>();
    /** Where each wish belongs, to find it again when it is forgotten. */
    readonly #places = new Map<number, IntentView>();
    #ready = $state(false);
    #account = $state.raw<AccountView>({
        jid: null,
        demo: false,
        link: { state: "off" },
        vault: "unknown",
    });
    #settings = $state.raw<SettingsView>({ language: null, theme: null, silenceSeconds: 30 });
    #diagnostics = $state.raw<DiagnosticsView | null>(null);
    #troubles = $state.raw<TroubleView[]>([]);
    #rev: number | null = null;
    #subscription = 0;

    constructor(backend: Backend) {
        this.backend = backend;
    }

    /** Whether the first snapshot is here. */
    get ready(): boolean {
        return this.#ready;
    }
    get account(): AccountView {
        return this.#account;
    }
    get settings(): SettingsView {
        return this.#settings;
    }
    get diagnostics(): DiagnosticsView | null {
        return this.#diagnostics;
    }
    /** What went wrong and nobody has seen yet, oldest first. */
    get troubles(): TroubleView[] {
        return this.#troubles;
    }
    get online(): boolean {
        return this.#account.link.state === "online";
    }
    get devices(): Device[] {
        return [...this.#devices.values()];
    }

    device(id: string): Device | undefined {
        return this.#devices.get(id);
    }

    async open(): Promise<void> {
        const subscription = ++this.#subscription;
        this.#rev = null;
        await this.backend.subscribe((event) => {
            if (subscription === this.#subscription) {
                this.apply(event);
            }
        });
    }

    /** Asks for a value. The answer comes through the point's state. */
    async submit(device: Device, name: string, wanted: ValueView): Promise<void> {
        await device
            .pointForWish(name)
            .submit(wanted, Date.now(), () => this.backend.setValue(device.id, name, wanted));
    }

    /** Takes over counters that were asked for, before the first ones come by themselves. */
    async readDiagnostics(): Promise<void> {
        this.#diagnostics = await this.backend.diagnostics();
    }

    apply(event: Event): void {
        if (event.type !== "snapshot" && (this.#rev === null || event.rev !== this.#rev + 1)) {
            if (this.#rev !== null) {
                void this.open();
            }
            return;
        }
        this.#rev = event.rev;
        switch (event.type) {
            case "snapshot":
                this.#account = event.account;
                this.#settings = event.settings;
                this.#replaceDevices(event.devices);
                this.#replaceWishes(event.intents);
                this.#troubles = event.troubles;
                this.#ready = true;
                break;
            case "account":
                this.#account = event.account;
                break;
            case "troubles":
                this.#troubles = event.troubles;
                break;
            case "settings":
                this.#settings = event.settings;
                break;
            case "devices":
                event.upserts.forEach((view) => this.#upsert(view));
                event.removed.forEach((id) => this.#devices.delete(id));
                break;
            case "readings":
                for (const readings of event.devices) {
                    this.#devices.get(readings.id)?.applyReadings(readings);
                }
                break;
            case "intents":
                event.upserts.forEach((wish) => this.#wish(wish));
                event.removed.forEach((id) => this.#forget(id));
                break;
            case "diagnostics":
                this.#diagnostics = event.diagnostics;
                break;
        }
    }

    #upsert(view: DeviceView): void {
        const device = this.#devices.get(view.id);
        if (device) {
            device.apply(view);
        } else {
            this.#devices.set(view.id, new Device(view));
        }
    }

    #replaceDevices(views: DeviceView[]): void {
        const present = new Set(views.map((view) => view.id));
        for (const id of this.#devices.keys()) {
            if (!present.has(id)) {
                this.#devices.delete(id);
            }
        }
        for (const view of views) {
            this.#upsert(view);
            this.#devices.get(view.id)?.points.forEach((point) => point.startOver());
        }
    }

    #replaceWishes(wishes: IntentView[]): void {
        const present = new Set(wishes.map((wish) => wish.id));
        for (const id of this.#places.keys()) {
            if (!present.has(id)) {
                this.#forget(id);
            }
        }
        wishes.forEach((wish) => this.#wish(wish));
    }

    #wish(wish: IntentView): void {
        this.#places.set(wish.id, wish);
        this.#devices.get(wish.device)?.pointForWish(wish.var).wish(wish);
    }

    #forget(id: number): void {
        const wish = this.#places.get(id);
        this.#places.delete(id);
        if (wish) {
            this.#devices.get(wish.device)?.point(wish.var)?.forgetWish(id);
        }
    }
}
