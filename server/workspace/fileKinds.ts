// The kinds of files that their paths tell: those that are not text, and those copied from other projects.

import { endingOf } from "../../engine";

const notText = new Set(
  [
    "ai avif bmp eps fig gif heic icns ico jpeg jpg png psd sketch svg tif tiff webp xcf",
    "eot otf ttc ttf woff woff2",
    "aac avi flac glb gltf m4a mkv mov mp3 mp4 obj ogg stl wav webm",
    "7z br bz2 deb dmg gz iso jar rar rpm tar tgz vsix war whl xz zip zst",
    "doc docx odp ods odt pdf ppt pptx rtf xls xlsx",
    "arrow avro csv db geojson h5 har ipynb jsonl log mdb ndjson npy npz parquet pcap sqlite sqlite3 tsv",
    "bin ckpt gguf onnx pb pickle pkl pt pth safetensors tflite",
    "a class dll dylib exe lib node o pdb pyc pyd so wasm",
  ].flatMap((list) => list.split(" ")),
);

/** Includes pictures and data in text formats, such as SVG and CSV. */
export const isNotText = (path: string): boolean => notText.has(endingOf(path));

const vendored =
  /(^|\/)(node_modules|bower_components|jspm_packages|_?vendor|vendored|third[-_]party|site-packages|\.?venv|Pods|Carthage|\.yarn)\//;

export const isVendored = (path: string): boolean => vendored.test(path);
