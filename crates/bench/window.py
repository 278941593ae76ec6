"""Measures the real window under Xvfb, driven by WebDriver: python3 window.py PATH-TO-roost-window

Prints Markdown tables. Only the standard library, WebKitWebDriver and Xvfb are needed. Each scene
has a window, a display, a driver and a folder of its own; all are ended by their process ids.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

DEVICES = 1000
UPDATES_PER_SECOND = 5000
SECONDS = 60
STARTS = 5
PRESS_EVERY = 0.25
PATIENCE = 60
SETTLE = 5
TICKS = os.sysconf("SC_CLK_TCK")

# Frames are counted by requestAnimationFrame. An input is followed from its own time stamp to its
# handler, and on to the second frame after it: the first runs before painting, the second is proof
# that the first was painted.
WATCH = """
const seen = { frames: [], handled: [], painted: [] };
window.__seen = seen;
let last = performance.now();
const frame = (now) => { seen.frames.push(now - last); last = now; requestAnimationFrame(frame); };
requestAnimationFrame(frame);
document.addEventListener("pointerdown", (event) => {
    seen.handled.push(performance.now() - event.timeStamp);
    requestAnimationFrame(() => requestAnimationFrame(() =>
        seen.painted.push(performance.now() - event.timeStamp)));
}, { capture: true });
"""
CARDS = "return document.querySelectorAll('[data-testid^=\"card-\"]').length"
VALUES = "return document.querySelectorAll('[data-testid^=\"card-\"] dl').length"
PAINT = """
const paint = performance.getEntriesByName("first-contentful-paint")[0];
return paint ? performance.timeOrigin + paint.startTime : null;
"""


class Window:
    """A window with what it needs around it."""

    def __init__(self, binary, arguments):
        self.folder = tempfile.TemporaryDirectory(prefix="roost-bench-")
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        display = self.screen.stdout.readline().decode().strip()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = dict(
            os.environ, DISPLAY=":" + display, TAURI_WEBVIEW_AUTOMATION="true", LANG="en_US.UTF-8",
            WEBKIT_DISABLE_DMABUF_RENDERER="1", GDK_BACKEND="x11", NO_AT_BRIDGE="1")
        self.driver = subprocess.Popen(
            ["WebKitWebDriver", "--port=%d" % port], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = "http://127.0.0.1:%d/session" % port
        until(lambda: socket.create_connection(("127.0.0.1", port)).close() or True, "the driver")
        options = {"binary": binary, "args": ["--home", self.folder.name] + arguments}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        answer = self.ask("POST", "", {"capabilities": wanted})
        self.base += "/" + answer["sessionId"]
        self.app = next(
            pid for pid in descendants(self.driver.pid) if name_of(pid).startswith("roost-window"))
        self.ask("POST", "/window/rect", {"width": 1100, "height": 760})

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]

    def run(self, script):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def press(self):
        """Presses the pointer where nothing reacts to it: beside the title of the page."""
        move = {"type": "pointerMove", "duration": 0, "x": 640, "y": 12}
        steps = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self.ask("POST", "/actions", {"actions": [
            {"type": "pointer", "id": "mouse", "actions": steps}]})

    def processes(self):
        """The app, the web process and the network process, by what they are."""
        found = {"app": self.app}
        for pid in descendants(self.app):
            name = name_of(pid)
            if name.startswith("WebKitWebProces"):
                found["web process"] = pid
            elif name.startswith("WebKitNetworkP"):
                found["network process"] = pid
        return found

    def close(self):
        app = self.app
        try:
            self.ask("DELETE", "")
        except (OSError, urllib.error.URLError):
            pass
        deadline = time.monotonic() + 3
        while os.path.exists("/proc/%d" % app) and time.monotonic() < deadline:
            time.sleep(0.05)
        if os.path.exists("/proc/%d" % app):
            os.kill(app, 9)
        for process in (self.driver, self.screen):
            process.kill()
            process.wait()
        self.folder.cleanup()


def until(found, what):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            result = found()
            if result:
                return result
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit("%s did not come within %d s" % (what, PATIENCE))


def stat(pid):
    """What /proc tells of a process, from its state on."""
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rsplit(")", 1)[1].split()


def name_of(pid):
    try:
        with open("/proc/%d/comm" % pid) as file:
            return file.read().strip()
    except OSError:
        return ""


def descendants(of):
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents.setdefault(int(stat(int(entry))[1]), []).append(int(entry))
            except OSError:
                continue
    found, todo = [], [of]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def cpu(pid):
    """Seconds of processor time."""
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid):
    """Resident and proportional memory in MiB."""
    sizes = {}
    with open("/proc/%d/smaps_rollup" % pid) as file:
        for line in file:
            words = line.split()
            if words[0] in ("Rss:", "Pss:"):
                sizes[words[0]] = int(words[1]) / 1024
    return sizes["Rss:"], sizes["Pss:"]


def begun(pid):
    """When a process began, in seconds of the epoch; /proc counts in hundredths since boot."""
    with open("/proc/uptime") as file:
        up = float(file.read().split()[0])
    return time.time() - up + int(stat(pid)[19]) / TICKS


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[max(1, -(-len(ordered) * percent // 100)) - 1] if ordered else float("nan")


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(*cells):
    print()
    row(*cells)
    row(*["---"] * len(cells))


def open_home(binary, what, more):
    """The window with all cards of the large home, settled."""
    window = Window(binary, ["--demo-devices", str(DEVICES)] + more)
    until(lambda: window.run(CARDS) >= DEVICES, "the cards")
    until(lambda: window.run(VALUES) > 0, "the values")
    row(what, "%.0f" % ((time.time() - begun(window.app)) * 1e3))
    time.sleep(SETTLE)
    return window


def starts(binary, arguments):
    """Milliseconds from the start of the process to the first paint, of several starts."""
    times = []
    for _ in range(STARTS):
        window = Window(binary, arguments)
        painted = until(lambda: window.run(PAINT), "the first paint")
        times.append(painted - begun(window.app) * 1e3)
        window.close()
    return times


def use_of(window, wait):
    """Processor time and memory of the window's processes while something else happens."""
    processes = window.processes()
    before = {what: (cpu(pid), memory(pid)) for what, pid in processes.items()}
    start = time.monotonic()
    wait()
    took = time.monotonic() - start
    return {what: ((cpu(pid) - before[what][0]) / took * 100, before[what][1], memory(pid))
            for what, pid in processes.items()}


def press_for(window, seconds):
    """Presses regularly; returns how long that took."""
    start = due = time.monotonic()
    while time.monotonic() < start + seconds:
        window.press()
        due += PRESS_EVERY
        time.sleep(max(0, due - time.monotonic()))
    return time.monotonic() - start


def pace_of(window, seconds):
    """Frames and inputs while somebody presses."""
    window.run(WATCH)
    took = press_for(window, seconds)
    return took, window.run("return window.__seen")


def table_of_use(scenes):
    head("scene", "process", "processor, of one core", "RSS / PSS before, MiB", "RSS / PSS after, MiB")
    for scene, used in scenes:
        for what, (percent, before, after) in used.items():
            row(scene, what, "%.1f %%" % percent, "%.0f / %.0f" % before, "%.0f / %.0f" % after)


def table_of_pace(scenes):
    head("scene", "frames a second", "frame p50 / p95 / p99 / most ms", "inputs",
         "input to handler p50 / p95 / p99 ms", "input to painted p50 / p95 / p99 ms")
    for scene, took, seen in scenes:
        frames, handled, painted = seen["frames"], seen["handled"], seen["painted"]
        of = lambda values: " / ".join("%.0f" % percentile(values, at) for at in (50, 95, 99))
        row(scene, "%.1f" % (len(frames) / took), of(frames) + " / %.0f" % max(frames),
            len(painted), of(handled) if handled else "–", of(painted) if painted else "–")


def main():
    binary = os.path.abspath(sys.argv[1])
    head("start to first paint, ms", "least", "median", "most")
    for what, arguments in (("sign-in page", []), ("demo home", ["--demo"])):
        times = starts(binary, arguments)
        row(what, "%.0f" % min(times), "%.0f" % percentile(times, 50), "%.0f" % max(times))

    use, pace = [], []
    window = Window(binary, [])
    until(lambda: window.run(PAINT), "the first paint")
    time.sleep(SETTLE)
    # No frames are counted where use alone is measured: counting keeps the page awake.
    use.append(("sign-in page, nobody does anything", use_of(window, lambda: time.sleep(SECONDS))))
    window.close()

    head("%d devices" % DEVICES, "all cards there after the start, ms")
    window = open_home(binary, "quiet", [])
    scene = "%d devices, quiet" % DEVICES
    use.append((scene, use_of(window, lambda: time.sleep(SECONDS))))
    pace.append((scene, *pace_of(window, SECONDS / 3)))
    window.close()

    window = open_home(binary, "busy", ["--demo-updates", str(UPDATES_PER_SECOND)])
    scene = "%d devices, %d values a second" % (DEVICES, UPDATES_PER_SECOND)
    measured = []
    use.append((scene, use_of(window, lambda: measured.append(pace_of(window, SECONDS)))))
    pace.append((scene, *measured[0]))
    window.close()
    table_of_pace(pace)
    table_of_use(use)
    print("\nload average: %.1f" % os.getloadavg()[0])


main()
