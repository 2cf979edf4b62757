"""A real RTSP server (GStreamer's) with one mount, /live: silence with a tick of a few milliseconds each second.

Arguments: port (0 takes a free one), the payloading part of the pipeline, the rate in Hz.
Prints `port N` once it listens, and `tick U` when a client starts it: the UTC, in seconds, of the first tick; the
others follow each second of the pipeline's clock.
"""

import sys
import time

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


Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(PORT)
factory = Factory()
factory.set_shared(True)
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
print(f"port {server.get_bound_port()}", flush=True)
GLib.MainLoop().run()
