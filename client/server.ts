// The language server as the features see it: its status and its messages, whichever process runs it. A process that crashes
// is replaced.
import { type CancellationToken, type Event, EventEmitter, type ExtensionContext, type LogOutputChannel } from "vscode";
import type { LanguageClient, ResponseError } from "vscode-languageclient/node";
import { type Notification, type Problem, type Request, type Status, status as statusNotification } from "../protocol";
import { type Connection, connect } from "./connection";

export interface Server {
  readonly status: Status;
  readonly onStatus: Event<Status>;
  request<Params, Result>(method: Request<Params, Result>, params: Params, token?: CancellationToken): Promise<Result>;
  notify<Params>(method: Notification<Params>, params: Params): Promise<void>;
  /** `listen` and `answer` register a handler for every server process. Call them on activation. */
  listen<Params>(method: Notification<Params>, listener: (params: Params) => void): void;
  answer<Params, Result>(method: Request<Params, Result>, answer: (params: Params) => Promise<Result>): void;
  restart(): Promise<void>;
}

/** After more than `most` crashes within `milliseconds`, the server is not started again until the user restarts it. */
const crashLimit = { most: 4, milliseconds: 3 * 60_000 };

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
          client.dispose().catch(() => {}); // it cannot shut down a server that has ended
          if (mine !== connection || disposed) return log.info(`The server ended (${how}).`);
          log.error(`The server ended by itself (${how}).`);
          crashed();
        });
      },
      (error) => log.error(error),
    );
    return mine;
  }

  /** Every problem that is shown to the user is logged with its cause. */
  function logProblem(problem: Problem | undefined) {
    if (problem) log.error([problem.message, problem.cause].filter(Boolean).join("\n"));
  }

  function crashed() {
    const now = Date.now();
    crashes = [...crashes.filter((time) => now - time < crashLimit.milliseconds), now];
    if (crashes.length <= crashLimit.most) {
      log.info("Another server is started.");
      announce({ state: "starting" });
      connection = start();
      return;
    }
    const message = `The completion server stopped ${crashes.length} times within three minutes. Restart it, or look into the log for the cause.`;
    const problem: Problem = { message, action: "restart" };
    logProblem(problem);
    announce({ state: "error", problem });
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
    async request<Params, Result>(method: Request<Params, Result>, params: Params, token?: CancellationToken) {
      try {
        const { client } = await connection;
        const result = await client.sendRequest<Result>(method, params, token);
        if (result && typeof result === "object" && "problem" in result)
          logProblem(result.problem as Problem | undefined);
        return result;
      } catch (error) {
        const { message, data } = error as ResponseError<string>;
        log.error(`${method}: ${message}\n${data ?? ""}`);
        throw error;
      }
    },
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
  server.listen(statusNotification, (next) => {
    if (next.problem?.message !== status.problem?.message) logProblem(next.problem);
    announce(next);
  });
  return server;
}
