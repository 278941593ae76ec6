/** Homes made up for the gallery and the tests: the ordinary, the long and the hostile. */
import type {
    ControlView,
    DeviceView,
    DiagnosticsView,
    FieldView,
    IntentView,
    ReadingView,
    TroubleCode,
    TroubleView,
    ValueView,
} from "../lib/bindings";

const MINUTE = 60_000;

export const bool = (value: boolean): ValueView => ({ type: "bool", value });
export const number = (value: number): ValueView => ({ type: "number", value });
export const text = (value: string): ValueView => ({ type: "text", value });

export function field(
    name: string,
    label: string,
    control: ControlView,
    more: Partial<FieldView> = {},
): FieldView {
    return {
        var: name,
        label,
        control,
        description: null,
        readOnly: false,
        text: [],
        hint: null,
        ...more,
    };
}

export function sensor(name: string, label: string, kind: "number" | "switch" | "text"): FieldView {
    const control: ControlView =
        kind === "number" ? { kind, min: null, max: null, whole: false } : { kind };
    return field(name, label, control, { readOnly: true });
}

export function reading(
    name: string,
    value: ValueView | null,
    more: Partial<ReadingView> = {},
): ReadingView {
    return {
        var: name,
        value,
        unit: null,
        quantity: null,
        measuredAt: Date.now() - 20_000,
        publisher: { who: "device" },
        stale: false,
        problem: null,
        raw: null,
        ...more,
    };
}

export function trouble(
    id: number,
    code: TroubleCode,
    more: Partial<TroubleView> = {},
): TroubleView {
    return { id, at: Date.now(), code, device: null, failure: null, detail: null, ...more };
}

const celsius = { unit: "°C", quantity: "temperature" };

export function device(id: string, name: string, more: Partial<DeviceView> = {}): DeviceView {
    return {
        id,
        name,
        room: null,
        availability: { state: "online" },
        profile: "roost",
        access: { state: "granted" },
        title: name,
        instructions: [],
        fields: [],
        readings: [],
        warnings: [],
        dropped: 0,
        ...more,
    };
}

export const kettle = (): DeviceView =>
    device("kettle@home.example", "Kettle", {
        room: "Kitchen",
        fields: [
            sensor("xmpp.iot.sensor.temp", "Water", "number"),
            sensor("xmpp.iot.sensor.lid", "Lid", "switch"),
            field("xmpp.iot.actuator.power", "Heat", { kind: "switch" }),
        ],
        readings: [
            reading("xmpp.iot.sensor.temp", number(93.4), celsius),
            reading("xmpp.iot.sensor.lid", bool(false)),
            reading("xmpp.iot.actuator.power", bool(true)),
        ],
    });

export const thermostat = (): DeviceView =>
    device("thermostat@home.example", "Thermostat", {
        room: "Living room",
        instructions: ["Keeps the living room at the set temperature."],
        fields: [
            field("#0", "Now", { kind: "header" }),
            sensor("xmpp.iot.sensor.temp", "Temperature", "number"),
            sensor("xmpp.iot.sensor.humidity", "Humidity", "number"),
            sensor("xmpp.iot.sensor.heating", "Heating", "switch"),
            field("#1", "Settings", { kind: "header" }),
            field(
                "xmpp.iot.actuator.setpoint",
                "Target",
                { kind: "slider", min: 5, max: 30, step: 0.5 },
                { description: "What the room is heated to while the mode is not Off." },
            ),
            field("xmpp.iot.actuator.mode", "Mode", {
                kind: "choice",
                open: false,
                options: [
                    { value: "off", label: "Off" },
                    { value: "eco", label: "Eco" },
                    { value: "comfort", label: "Comfort" },
                ],
            }),
            field("xmpp.iot.actuator.boost", "Boost for an hour", { kind: "button" }),
        ],
        readings: [
            reading("xmpp.iot.sensor.temp", number(21.37), celsius),
            reading("xmpp.iot.sensor.humidity", number(46), { unit: "%RH", quantity: "humidity" }),
            reading("xmpp.iot.sensor.heating", bool(true)),
            reading("xmpp.iot.actuator.setpoint", number(21.5), celsius),
            reading("xmpp.iot.actuator.mode", text("comfort")),
        ],
    });

export const board = (): DeviceView =>
    device("esp32@home.example", "ESP32 on the desk", {
        room: "Study",
        profile: "thesis",
        fields: [
            sensor("xmpp.iot.sensor.temp", "Temperature", "number"),
            sensor("xmpp.iot.sensor.pressure", "Pressure", "number"),
            sensor("xmpp.iot.sensor.button", "Button", "switch"),
            field("xmpp.iot.sensor.led", "LED", { kind: "switch" }),
            field("xmpp.iot.actuator.speaker", "Buzzer", {
                kind: "slider",
                min: 0,
                max: 2000,
                step: 10,
            }),
        ],
        readings: [
            reading("xmpp.iot.sensor.temp", number(24.1), celsius),
            reading("xmpp.iot.sensor.pressure", number(1013.2), {
                unit: "hPa",
                quantity: "pressure",
            }),
            reading("xmpp.iot.sensor.button", bool(false)),
            reading("xmpp.iot.sensor.led", bool(false)),
            reading("xmpp.iot.actuator.speaker", number(440), {
                unit: "Hz",
                quantity: "frequency",
            }),
            reading("xmpp.iot.sensor.uptime", number(86_123), { unit: "s", quantity: "duration" }),
        ],
        dropped: 3,
        warnings: [{ var: "xmpp.iot.actuator.speaker", code: "badRange" }],
    });

export const server = (): DeviceView =>
    device("server@home.example", "Home server", {
        room: "Study",
        fields: [
            sensor("load", "Load", "number"),
            sensor("memory", "Memory in use", "number"),
            sensor("cpu", "Processor", "number"),
            field("backup", "Nightly backup", { kind: "switch" }),
        ],
        readings: [
            reading("load", number(0.42)),
            reading("memory", number(3.7), { unit: "GiB", quantity: "data" }),
            reading("cpu", number(51.5), celsius),
            reading("backup", bool(true)),
        ],
    });

export const lamp = (): DeviceView =>
    device("lamp@home.example", "Reading lamp", {
        room: "Living room",
        fields: [
            field("power", "Light", { kind: "switch" }),
            field("level", "Brightness", { kind: "slider", min: 0, max: 100, step: 1 }),
        ],
        readings: [
            reading("power", bool(true)),
            reading("level", number(70), { unit: "%", quantity: "percent" }),
        ],
    });

export const greenhouse = (): DeviceView =>
    device("greenhouse@home.example", "Greenhouse", {
        room: "Garden",
        availability: { state: "offline", since: Date.now() - 47 * MINUTE },
        fields: [
            sensor("temp", "Temperature", "number"),
            sensor("light", "Light", "number"),
            sensor("soil", "Soil", "number"),
            field("vent", "Roof vent", { kind: "switch" }),
        ],
        readings: [
            reading("temp", number(31.2), { ...celsius, stale: true, measuredAt: ago(47) }),
            reading("light", number(18_450), {
                unit: "lx",
                quantity: "illuminance",
                stale: true,
                measuredAt: ago(47),
            }),
            reading("soil", number(38), {
                unit: "%",
                quantity: "percent",
                stale: true,
                measuredAt: ago(49),
            }),
            reading("vent", bool(true), { stale: true, measuredAt: ago(47) }),
        ],
    });

export const waiting = (): DeviceView =>
    device("door@home.example", "Front door", {
        access: { state: "waitingForApproval" },
        availability: { state: "unknown" },
        profile: null,
    });

/** A device that means harm, or whose maker never tried it out. */
export const hostile = (): DeviceView =>
    device("evil@home.example", '<img src=x onerror="alert(1)"> \u202Eecived elttil a\u202C', {
        room: "שלום עולם",
        instructions: ["<script>alert(1)</script>", "javascript:alert(document.cookie)"],
        fields: [
            sensor(
                "huge",
                "A label of more than sixty characters that never seems to end",
                "number",
            ),
            sensor("tiny", "Tiny", "number"),
            sensor("broken", "Broken", "number"),
            sensor("empty", "Empty", "text"),
            sensor("rtl", "مقياس الحرارة", "number"),
            field(
                "secret",
                "{{constructor.constructor('alert(1)')()}}",
                { kind: "text" },
                {
                    hint: "fieldType",
                },
            ),
            field("none", "Nothing to choose", { kind: "choice", options: [], open: false }),
        ],
        readings: [
            reading("huge", number(-1_234_567.89), { unit: "furlong", quantity: "other" }),
            reading("tiny", number(-0.000_000_42), celsius),
            reading("broken", null, { problem: "notNumber", raw: "<b>22,43</b>" }),
            reading("empty", null, { problem: "empty" }),
            reading("rtl", number(22.5), celsius),
            reading("secret", text("x".repeat(120))),
        ],
        warnings: [
            { var: "secret", code: "fieldType" },
            { var: "none", code: "noOptions" },
            { var: null, code: "tooLarge" },
        ],
        dropped: 1204,
    });

export const german = (): DeviceView =>
    device(
        "lueftung@home.example",
        "Wohnraumlüftungsanlage mit Wärmerückgewinnung im Dachgeschoss",
        {
            room: "Hauswirtschaftsraum",
            fields: [
                sensor("abluft", "Ablufttemperatur am Wärmetauscher", "number"),
                sensor("zuluft", "Zulufttemperatur", "number"),
                sensor("feuchte", "Luftfeuchtigkeit", "number"),
                field("stufe", "Lüftungsstufe", {
                    kind: "choice",
                    open: false,
                    options: [
                        "Feuchteschutz",
                        "Reduzierte Lüftung",
                        "Nennlüftung",
                        "Intensivlüftung",
                    ].map((label) => ({ value: label.toLowerCase(), label })),
                }),
                field("bypass", "Sommerbypassklappensteuerung", { kind: "switch" }),
            ],
            readings: [
                reading("abluft", number(22.9), celsius),
                reading("zuluft", number(19.4), celsius),
                reading("feuchte", number(51), { unit: "%RH", quantity: "humidity" }),
                reading("stufe", text("nennlüftung")),
                reading("bypass", bool(false)),
            ],
        },
    );

export const ordinaryHome = (): DeviceView[] => [
    kettle(),
    thermostat(),
    board(),
    server(),
    lamp(),
    greenhouse(),
    waiting(),
];

export const crowdedHome = (): DeviceView[] => [...ordinaryHome(), hostile(), german()];

/** A home of `count` devices with ten values each. */
export function hugeHome(count: number): DeviceView[] {
    return Array.from({ length: count }, (_, index) => {
        const names = Array.from({ length: 10 }, (_, at) => `value.${at}`);
        return device(`device-${index}@home.example`, `Device ${index}`, {
            room: `Room ${index % 25}`,
            fields: names.map((name, at) =>
                at < 8
                    ? sensor(name, `Value ${at}`, "number")
                    : field(name, `Switch ${at}`, { kind: "switch" }),
            ),
            readings: names.map((name, at) =>
                at < 8
                    ? reading(name, number(index + at / 10), celsius)
                    : reading(name, bool(at === 8)),
            ),
        });
    });
}

export function intent(
    device: string,
    name: string,
    wanted: ValueView,
    more: Partial<IntentView> = {},
): IntentView {
    return {
        id: 1,
        device,
        var: name,
        wanted,
        stage: "sent",
        since: Date.now(),
        failure: null,
        ...more,
    };
}

export const diagnostics = (): DiagnosticsView => ({
    streams: 4,
    resumptions: 3,
    values: 18_204,
    version: "0.1.0",
    discarded: [
        { reason: "foreignService", count: 12, lastFrom: "pubsub.home.example" },
        { reason: "stranger", count: 3, lastFrom: "mallory@elsewhere.example/x" },
    ],
    log: [
        { at: ago(61), text: "connected to home.example, TLS 1.3, SCRAM-SHA-256" },
        { at: ago(12), text: "silent for 30 s, stream suspended" },
        { at: ago(11), text: "stream resumed, 2 stanzas sent again" },
    ],
});

function ago(minutes: number): number {
    return Date.now() - minutes * MINUTE;
}
