// The language server as the features see it: it is there, says how it is, takes messages, and is started again when its
// process dies.
import { type CancellationToken, type Event, EventEmitter, type ExtensionContext, type LogOutputChannel } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { type Notification, type Request, type Status, status as statusNotification } from "../protocol";
import { type Connection, connect } from "./connection";

export interface Server {
  readonly status: Status;
  readonly onStatus: Event<Status>;
  request<Params, Result>(method: Request<Params, Result>, params: Params, token?: CancellationToken): Promise<Result>;
  notify<Params>(method: Notification<Params>, params: Params): Promise<void>;
  /** This one and the next hold for every server process; to be called on activation. */
  listen<Params>(method: Notification<Params>, listener: (params: Params) => void): void;
  answer<Params, Result>(method: Request<Params, Result>, answer: (params: Params) => Promise<Result>): void;
  restart(): Promise<void>;
}

/** More crashes than `most` within `span` milliseconds, and the user decides whether to go on. */
const patience = { most: 4, span: 3 * 60_000 };

export function startServer(context: ExtensionContext, log: LogOutputChannel): Server {
  const changed = new EventEmitter<Status>();
  let status: Status = { state: "starting" };
  let crashes: number[] = [];
  let disposed = false;
  const listeners: ((client: LanguageClient, isCurrent: () => boolean) => void)[] = [];
  let connection = start();

  const announce = (next: Status) => {
    status = next;
    changed.fire(next);
  };

  function start(after: Promise<unknown> = Promise.resolve()): Promise<Connection> {
    const mine = after.then(() => connect(context, log));
    mine.then(
      ({ client, ended }) => {
        for (const listen of listeners) listen(client, () => mine === connection);
        client.start().catch((error) => log.error(error));
        ended.then((how) => {
          log.info(`Server: ended with ${how}`);
          client.dispose().catch(() => {}); // it has nobody left to say goodbye to
          if (mine === connection && !disposed) crashed();
        });
      },
      (error) => log.error(error),
    );
    return mine;
  }

  function crashed() {
    const now = Date.now();
    crashes = [...crashes.filter((time) => now - time < patience.span), now];
    if (crashes.length <= patience.most) {
      announce({ state: "starting" });
      connection = start();
      return;
    }
    const message = `The completion server stopped ${crashes.length} times within three minutes. Restart it, or look into the log for the cause.`;
    announce({ state: "error", problem: { message, action: "restart" } });
  }

  context.subscriptions.push(changed, {
    async dispose() {
      disposed = true;
      await (await connection).end();
    },
  });

  const server: Server = {
    get status() {
      return status;
    },
    onStatus: changed.event,
    request: async (method, params, token) => (await connection).client.sendRequest(method, params, token),
    notify: async (method, params) => (await connection).client.sendNotification(method, params),
    listen(method, listener) {
      listeners.push((client, isCurrent) =>
        client.onNotification(method, (params) => {
          if (isCurrent()) listener(params);
        }),
      );
    },
    answer(method, answer) {
      listeners.push((client) => client.onRequest(method, async (params): Promise<unknown> => answer(params)));
    },
    async restart() {
      crashes = [];
      announce({ state: "starting" });
      connection = start(connection.then(({ end }) => end()));
      await connection;
    },
  };
  server.listen(statusNotification, announce);
  return server;
}
