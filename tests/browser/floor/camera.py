"""A browser that reads codes itself, as that of some tablets does and that of the tests does not."""

# In the place of the browser's own reader: it sees what `window.seen` holds.
READS_ITSELF = """
window.seen = []; window.stopped = 0;
window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["qr_code", "code_128"]; }
    async detect() { return window.seen.map(rawValue => ({ rawValue })); }
};
Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia: async () => {
    if (window.refuses) throw new DOMException("no", "NotAllowedError");
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 10, 10);
    const stream = canvas.captureStream();
    const [track] = stream.getTracks(), stop = track.stop.bind(track);
    track.stop = () => { window.stopped += 1; stop(); };
    return stream;
} } });
"""
