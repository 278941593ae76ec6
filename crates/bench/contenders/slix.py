"""slixmpp doing what the other contenders do: a device and an app in one process, one event loop.

Orders come as lines on standard input (`publish N`, `switch N`, `absorb N`), answers go out as lines of JSON.
Both sides use stream management (XEP-0198), as Roost does; the nodes exist already.
"""

import asyncio
import json
import sys
import time
from xml.etree import ElementTree

from slixmpp import ClientXMPP

TLS_PORT, PORT, AUTHORITY, DEVICE, APP = sys.argv[1:6]
PASSWORD = "measured, not guessed"
REST = 0.004
PATIENCE = 30
NS = "urn:xmpp:uwpx:iot"
SENSORS, ACTUATORS = "xmpp.iot.sensors", "xmpp.iot.actuators"
TEMPERATURE, LIGHT = "xmpp.iot.sensor.temp", "xmpp.iot.actuator.led"


class Side(ClientXMPP):
    def __init__(self, jid):
        super().__init__(jid, PASSWORD)
        self.ca_certs = AUTHORITY
        for plugin in ("xep_0030", "xep_0060", "xep_0115", "xep_0198", "xep_0199"):
            self.register_plugin(plugin)
        self.online = asyncio.Event()
        self.add_event_handler("session_start", self.start)
        self.connect("127.0.0.1", int(PORT))

    async def start(self, _):
        self.send_presence()
        self.online.set()


def val(kind, text, unit=None):
    element = ElementTree.Element("{%s}val" % NS, type=kind)
    if unit:
        element.set("unit", unit)
    element.set("stamp", time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()))
    element.text = text
    return element


def read(message):
    """Node, item, publisher and typed value of an event from the device, else nothing."""
    if message["from"].bare != DEVICE:
        return None
    items = message["pubsub_event"]["items"]
    for item in items:
        payload = item["payload"]
        if payload is None or payload.tag != "{%s}val" % NS:
            continue
        kinds = {"float": float, "boolean": lambda text: text in ("1", "true")}
        value = kinds[payload.get("type")](payload.text)
        return items["node"], item["id"], item["publisher"], value
    return None


class Contender:
    def __init__(self):
        self.device, self.app = Side(DEVICE), Side(APP)
        self.turn = 0
        self.awaited = self.found = None
        self.app.add_event_handler("pubsub_publish", self.app_hears)
        self.device.add_event_handler("pubsub_publish", self.device_hears)

    def app_hears(self, message):
        heard = read(message)
        if heard and self.found and not self.found.done():
            _, item, _, value = heard
            if (item, value) == self.awaited:
                self.found.set_result(time.perf_counter())

    async def device_hears(self, message):
        heard = read(message)
        if not heard or not heard[1].startswith("set:"):
            return
        _, request, publisher, value = heard
        if publisher.split("/")[0] != APP:
            return
        pubsub = self.device.plugin["xep_0060"]
        state = val("boolean", "1" if value else "0")
        await pubsub.publish(DEVICE, ACTUATORS, id=LIGHT, payload=state)
        await pubsub.retract(DEVICE, ACTUATORS, request, notify=True)

    async def measure(self, order):
        await asyncio.sleep(REST)
        self.turn += 1
        self.found = asyncio.get_running_loop().create_future()
        if order == "publish":
            self.awaited = (TEMPERATURE, self.turn + 0.5)
            side, node, item = self.device, SENSORS, TEMPERATURE
            kind, text, unit = "float", str(self.turn + 0.5), "celsius"
        else:
            self.awaited = (LIGHT, self.turn % 2 == 0)
            side, node, item = self.app, ACTUATORS, "set:%s:%016x" % (LIGHT, self.turn)
            kind, text, unit = "boolean", str(1 - self.turn % 2), None
        begun = time.perf_counter()
        publication = side.plugin["xep_0060"].publish(DEVICE, node, id=item, payload=val(kind, text, unit))
        publication = asyncio.ensure_future(publication)
        heard = await asyncio.wait_for(self.found, PATIENCE)
        await publication
        return (heard - begun) * 1e6

    async def absorb(self, last):
        self.found = asyncio.get_running_loop().create_future()
        self.awaited = (TEMPERATURE, float(last))
        begun = time.process_time()
        await asyncio.wait_for(self.found, PATIENCE)
        return (time.process_time() - begun) * 1e6

    async def run(self):
        for side in (self.device, self.app):
            await asyncio.wait_for(side.online.wait(), PATIENCE)
        await asyncio.sleep(1)
        print('"ready"', flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            order, count = line.split()
            if order == "absorb":
                times = [await self.absorb(int(count))]
            else:
                times = [await self.measure(order) for _ in range(int(count))]
            print(json.dumps(times), flush=True)
        for side in (self.device, self.app):
            await side.disconnect()


async def main():
    await Contender().run()


asyncio.run(main())
