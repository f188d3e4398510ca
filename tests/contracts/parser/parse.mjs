// Reads the AsyncAPI document named on the command line with the official parser. Standard output is JSON:
// what it complains about, and every message of every channel as it understood them.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const SEVERITIES = ["error", "warning", "information", "hint"];

const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], "utf8"));

const channels = Object.fromEntries(
  (document?.channels().all() ?? []).map((channel) => [
    channel.id(),
    channel.messages().all().map((message) => ({
      name: message.name(),
      payload: message.payload()?.json().type,
      headers: message.hasHeaders(),
      key: message.bindings().get("kafka")?.value().key?.type,
    })),
  ]),
);
const complaints = diagnostics.map(({ severity, code, path, message }) => ({
  severity: SEVERITIES[severity],
  code,
  path: path.join("."),
  message,
}));
console.log(JSON.stringify({ valid: document !== undefined, complaints, channels }));
