// A view for the test of client/panel.ts: sends back the data it receives and their count, and tries what the Content Security
// Policy forbids.
import { connectHost } from "../../../../webview/host";

const host = connectHost("echo", (data) => {
  const times = (host.kept?.times ?? 0) + 1;
  host.keep({ times });
  host.act({ echo: data, times, refused });
});

const refused = [];
addEventListener("securitypolicyviolation", ({ effectiveDirective }) => refused.push(effectiveDirective));

fetch("http://127.0.0.1:1/").catch(() => {});
document.body.append(Object.assign(document.createElement("img"), { src: "https://example.com/a.png" }));
document.body.append(Object.assign(document.createElement("script"), { textContent: "stolen = 1" }));
document.body.setAttribute("style", "color: red");
