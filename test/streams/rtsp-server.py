"""A real RTSP server (GStreamer's) with one mount, /live: silence with a tick of a few milliseconds each second.

Arguments: port (0 takes a free one), the payloading part of the pipeline, the rate in Hz, and further mounts as
`name=file.wav` (16-bit mono). These play their file over and over, its beginning at every UTC that is a multiple of its
length: as microphones that stand in one place and hear one city, whenever somebody begins to listen.
Prints `port N` once it listens, and `tick U` when a client starts it: the UTC, in seconds, of the first tick; the
others follow each second of the pipeline's clock.
"""

import sys
import time
import wave

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

PORT, PAYLOADER, RATE = sys.argv[1], sys.argv[2], sys.argv[3]


class Factory(GstRtspServer.RTSPMediaFactory):
    def do_create_element(self, url):
        return Gst.parse_launch(
            "( audiotestsrc is-live=true wave=ticks freq=2000 sine-periods-per-tick=8 samplesperbuffer=160"
            f" ! audio/x-raw,rate={RATE},channels=1"
            f" ! identity name=ticks ! audioconvert ! {PAYLOADER} )"
        )

    def do_configure(self, media):
        GstRtspServer.RTSPMediaFactory.do_configure(self, media)
        pipeline = media.get_element()

        def on_first_buffer(pad, info):
            # A tick lies on each whole second of the buffers' time, which is the pipeline's running time.
            clock = pipeline.get_clock()
            utc = time.time() - (clock.get_time() - pipeline.get_base_time()) / 1e9
            print(f"tick {utc:.6f}", flush=True)
            return Gst.PadProbeReturn.REMOVE

        pad = pipeline.get_by_name("ticks").get_static_pad("src")
        pad.add_probe(Gst.PadProbeType.BUFFER, on_first_buffer)


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
            f"( appsrc name=source is-live=true format=time caps={caps} ! audioconvert ! {PAYLOADER} )"
        )

    def do_configure(self, media):
        GstRtspServer.RTSPMediaFactory.do_configure(self, media)
        pipeline = media.get_element()
        source = pipeline.get_by_name("source")
        block = int(self.rate * self.BLOCK_SECONDS)
        state = {}

        def on_need_data(_source, _length):
            clock, base = pipeline.get_clock(), pipeline.get_base_time()
            if not state:
                # Both on the whole sample: UTC in samples since 1970, and the running time that goes with it.
                running = clock.get_time() - base
                state["sample"] = int(time.time() * self.rate)
                state["pts"] = running - int((time.time() * self.rate - state["sample"]) * 1e9 / self.rate)
                state["count"] = 0
            pts = state["pts"] + int(state["count"] * 1e9 / self.rate)
            time.sleep(max(0, (base + pts - clock.get_time()) / 1e9 + self.BLOCK_SECONDS))
            at = (state["sample"] + state["count"]) % self.length
            twice = (self.samples + self.samples[: 2 * block])[2 * at : 2 * (at + block)]
            buffer = Gst.Buffer.new_wrapped(twice)
            buffer.pts, buffer.duration = pts, int(block * 1e9 / self.rate)
            state["count"] += block
            source.emit("push-buffer", buffer)

        source.connect("need-data", on_need_data)


Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(PORT)
factory = Factory()
factory.set_shared(True)
server.get_mount_points().add_factory("/live", factory)
for mount in sys.argv[4:]:
    name, file = mount.split("=", 1)
    server.get_mount_points().add_factory(f"/{name}", Microphone(file))
server.attach(None)
print(f"port {server.get_bound_port()}", flush=True)
GLib.MainLoop().run()
