// Pictures: made smaller on the tablet, which also leaves behind whatever the camera wrote into them.

import { ask, run } from "./db.js";
import { sha256 } from "./outbox.js";
import { t } from "./words.js";

const LONGEST = 1600; // px
const QUALITIES = [0.8, 0.65, 0.5, 0.35]; // the first of them unless the picture is too heavy
const HEAVIEST = 350_000; // bytes: three days of pictures fit on a tablet, and one is sent in seconds
const SMALLER = 0.75; // what is too heavy at any quality is drawn again so much smaller

// The picture as a JPEG, no side of it longer than so many points. Throws where it is none.
export async function shrunk(file, longest) {
  return written(await drawn(file, longest), QUALITIES[0]);
}

async function light(file) {
  let canvas = await drawn(file, LONGEST);
  for (;;) {
    for (const quality of QUALITIES) {
      const blob = await written(canvas, quality);
      if (blob.size <= HEAVIEST) return blob;
    }
    canvas = scaled(canvas, SMALLER);
  }
}

const written = (canvas, quality) => new Promise((resolve, reject) => {
  canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", quality);
});

async function drawn(file, longest) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = scaled(picture, Math.min(1, longest / Math.max(picture.width, picture.height)));
  picture.close();
  return canvas;
}

function scaled(picture, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// The picture as it is kept, by the SHA-256 of its bytes.
export async function keepPhoto(file) {
  const blob = await light(file);
  const digest = await sha256(await blob.arrayBuffer());
  await run(["media"], "readwrite", (at) => ask(at("media").put({ sha256: digest, blob })));
  return { sha256: digest, url: URL.createObjectURL(blob) };
}

// A button that opens the camera. `taken` is called with what was kept; `failed` where it was no picture.
export function camera(id, taken, failed) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: "image/*", id, className: "hidden-text" });
  input.setAttribute("capture", "environment");
  input.tabIndex = -1;
  input.setAttribute("aria-label", t("photo.take"));
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    try {
      taken(await keepPhoto(file));
    } catch {
      failed();
    }
  });
  return input;
}
