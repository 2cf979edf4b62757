"""A real RTSP server (GStreamer's) with one mount, /live: silence with a tick of a few milliseconds each second.

Arguments: port (0 takes a free one), the payloading part of the pipeline, the rate in Hz, whether its
sender reports tell when sound was `captured` or when it was `sent` (GStreamer's default), and further mounts as
`name=file.wav` (16-bit mono). These play their file over and over, its beginning at every UTC that is a multiple of its
length: as microphones that stand in one place and hear one city, whenever somebody begins to listen.
Prints `port N` once it listens, and `tick U` for each tick: its UTC in seconds, by the pipeline's clock.
"""

import array
import os
import sys
import time
import wave

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

PORT, PAYLOADER, RATE, REPORTS = sys.argv[1:5]
# `digest:password` or `basic:password` of the user `pole`; neither: who comes is served.
AUTH, _, PASSWORD = os.environ.get("RTSP_AUTH", "").partition(":")


def choose_reports(media):
    """Of the RTP machinery that the server is going to add to the media's pipeline."""

    def on_added(_pipeline, element):
        if element.find_property("rtcp-sync-send-time"):
            element.set_property("rtcp-sync-send-time", REPORTS == "sent")

    media.get_element().get_parent().connect("element-added", on_added)


def utc_of_running_zero(pipeline):
    """The server sets the base time anew when it begins to play. Read between two looks at UTC that agree."""
    while True:
        before = time.time()
        running = (pipeline.get_clock().get_time() - pipeline.get_base_time()) / 1e9
        after = time.time()
        if after - before < 0.0002:
            return before - running


class Factory(GstRtspServer.RTSPMediaFactory):
    def do_create_element(self, url):
        return Gst.parse_launch(
            "( audiotestsrc is-live=true wave=ticks freq=2000 sine-periods-per-tick=8 samplesperbuffer=160"
            f" ! audio/x-raw,format=S16LE,rate={RATE},channels=1"
            f" ! identity name=ticks ! audioconvert ! {PAYLOADER} )"
        )

    def do_configure(self, media):
        GstRtspServer.RTSPMediaFactory.do_configure(self, media)
        choose_reports(media)
        pipeline = media.get_element()

        quiet = [0]

        def on_buffer(pad, info):
            buffer = info.get_buffer()
            samples = array.array("h", buffer.extract_dup(0, buffer.get_size()))
            for i, sample in enumerate(samples):
                if abs(sample) < 3000:
                    quiet[0] += 1
                    continue
                if quiet[0] > int(RATE) / 2:
                    utc = utc_of_running_zero(pipeline) + buffer.pts / 1e9 + i / int(RATE)
                    print(f"tick {utc:.6f}", flush=True)
                quiet[0] = 0
            return Gst.PadProbeReturn.OK

        pad = pipeline.get_by_name("ticks").get_static_pad("src")
        pad.add_probe(Gst.PadProbeType.BUFFER, on_buffer)


class Microphone(GstRtspServer.RTSPMediaFactory):
    BLOCK_SECONDS = 0.02

    def __init__(self, file):
        super().__init__()
        self.set_shared(True)
        with wave.open(file) as recording:
            self.rate = recording.getframerate()
            self.samples = recording.readframes(recording.getnframes())
            self.length = recording.getnframes()

    def do_create_element(self, url):
        caps = f"audio/x-raw,format=S16LE,rate={self.rate},channels=1,layout=interleaved"
        return Gst.parse_launch(
            f"( appsrc name=source is-live=true format=time min-latency=20000000 caps={caps} ! audioconvert ! {PAYLOADER} )"
        )

    def do_configure(self, media):
        GstRtspServer.RTSPMediaFactory.do_configure(self, media)
        choose_reports(media)
        pipeline = media.get_element()
        source = pipeline.get_by_name("source")
        block = int(self.rate * self.BLOCK_SECONDS)
        state = {}

        def on_need_data(_source, _length):
            clock, base = pipeline.get_clock(), pipeline.get_base_time()
            if "pts" not in state:
                state["pts"] = clock.get_time() - base
            if state.get("base") != base:
                state["base"] = base
                zero = utc_of_running_zero(pipeline)
                state["sample"] = round((zero + state["pts"] / 1e9) * self.rate)
            pts = state["pts"]
            time.sleep(max(0, (base + pts - clock.get_time()) / 1e9 + self.BLOCK_SECONDS))
            at = state["sample"] % self.length
            twice = (self.samples + self.samples[: 2 * block])[2 * at : 2 * (at + block)]
            state["sample"] += block
            state["pts"] += int(block * 1e9 / self.rate)
            buffer = Gst.Buffer.new_wrapped(twice)
            buffer.pts, buffer.duration = pts, int(block * 1e9 / self.rate)
            source.emit("push-buffer", buffer)

        source.connect("need-data", on_need_data)


Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(PORT)
factory = Factory()
factory.set_shared(True)
server.get_mount_points().add_factory("/live", factory)
for mount in sys.argv[5:]:
    name, file = mount.split("=", 1)
    server.get_mount_points().add_factory(f"/{name}", Microphone(file))
if PASSWORD:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(getattr(GstRtsp.RTSPAuthMethod, AUTH.upper()))
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "pole")
    if AUTH == "digest":
        auth.add_digest("pole", PASSWORD, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic("pole", PASSWORD), token)
    server.set_auth(auth)
    role = "pole, media.factory.access=true, media.factory.construct=true"
    factory.add_role_from_structure(Gst.Structure.new_from_string(role))
server.attach(None)
print(f"port {server.get_bound_port()}", flush=True)
GLib.MainLoop().run()
