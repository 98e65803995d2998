// The small part of the Hub's interface that downloads need, on 127.0.0.1, with the faults that networks have.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Hub {
  url: string;
  /** Paths that were asked for, with the range. */
  asked: string[];
  /** The next answers of that file break off after so many bytes. */
  breakAfter: Map<string, number[]>;
  /** What is announced instead of a file's true hash. */
  announced: Map<string, string>;
  close(): Promise<void>;
}

export const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

/** `files` of `owner/name`, those over 1,000 bytes stored as large ones. */
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
    if (body.length === 1) return response.end(body); // the question for the size
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
