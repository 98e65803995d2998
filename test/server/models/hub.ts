// A server on 127.0.0.1 with the part of the Hub's API that downloads need. It can break connections and announce wrong hashes.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Hub {
  url: string;
  /** The requested paths, each with the first byte of its range. */
  asked: string[];
  /** For each file, after how many bytes its next responses break off. */
  breakAfter: Map<string, number[]>;
  /** Hashes to announce instead of the true ones. */
  announced: Map<string, string>;
  close(): Promise<void>;
}

export const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

/** Serves `files` of `owner/name`. Those over 1,000 bytes are stored as large files (LFS). */
export async function startHub(repository: string, files: Record<string, Uint8Array>): Promise<Hub> {
  const hub = { asked: [] as string[], breakAfter: new Map<string, number[]>(), announced: new Map<string, string>() };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, "http://localhost");
    if (pathname === `/api/models/${repository}/tree/main`) {
      response.setHeader("Content-Type", "application/json");
      return response.end(JSON.stringify(Object.entries(files).map(([path, content]) => entry(path, content))));
    }
    const path = decodeURIComponent(pathname.replace(`/${repository}/resolve/main/`, ""));
    const content = files[path];
    const [, first, last] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "bytes=0-") ?? [];
    if (!content) {
      response.writeHead(404, { "Content-Type": "application/json", "X-Error-Code": "RepoNotFound" });
      return response.end(JSON.stringify({ error: "Repository not found" }));
    }
    const body = content.subarray(Number(first), last ? Number(last) + 1 : undefined);
    response.writeHead(request.headers.range ? 206 : 200, {
      ETag: `"${sha256(content)}"`,
      "Content-Length": body.length,
      "Content-Range": `bytes ${first}-${Number(first) + body.length - 1}/${content.length}`,
    });
    if (body.length === 1) return response.end(body); // the client asks for the size
    hub.asked.push(`${path} ${first}`);
    const most = hub.breakAfter.get(path)?.shift();
    if (most === undefined) return response.end(body);
    response.write(body.subarray(0, most), () => response.destroy());
  });

  function entry(path: string, content: Uint8Array) {
    const git = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    const oid = hub.announced.get(path);
    if (content.length <= 1000) return { type: "file", path, size: content.length, oid: oid ?? git };
    return {
      type: "file",
      path,
      size: content.length,
      oid: git,
      lfs: { oid: oid ?? sha256(content), size: content.length },
    };
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...hub,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
