import { Fault } from "#pkg/fault";
import type { FileFacts, Files, OpenFile, TemporaryFile } from "#pkg/transfer";

const utf8 = new TextEncoder();

/** Files in memory. Temporary objects appear in `finished` under their URL; abandoned ones are counted. */
export class MemoryFiles {
  readonly inputs = new Map<string, Uint8Array>();
  readonly finished = new Map<string, string>();
  abandoned = 0;
  /** Called before facts are compared at the end of reading. */
  onClose: (url: string) => void = () => undefined;

  put(url: string, text: string): void {
    this.inputs.set(url, utf8.encode(text));
  }

  facts(url: string): FileFacts {
    const bytes = this.inputs.get(url);
    if (bytes === undefined) throw new Fault("FILE_MISSING", `${url} is not there`);
    return { size: bytes.length, version: `v${bytes.length}` };
  }

  get port(): Files {
    const refuse = (): never => {
      throw new Fault("INTERNAL", "not used by the engine");
    };
    return {
      facts: (url) => Promise.resolve(this.facts(url)),
      list: (pattern: string) => Promise.resolve([pattern]),
      readText: refuse,
      open: (url) => Promise.resolve(this.open(url)),
      createTemporary: (url, token) => Promise.resolve(this.temporary(url, token)),
      publish: refuse,
      discard: refuse,
      resolve: (url) => Promise.resolve(url),
      sweepTemporaries: refuse,
    };
  }

  private open(url: string): OpenFile {
    const bytes = this.inputs.get(url) ?? new Uint8Array(0);
    return {
      facts: this.facts(url),
      read: (into, position) => {
        const part = bytes.subarray(position, position + into.length);
        into.set(part);
        return Promise.resolve(part.length);
      },
      currentFacts: () => {
        this.onClose(url);
        return Promise.resolve(this.facts(url));
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  private temporary(url: string, token: string): TemporaryFile {
    const parts: Uint8Array[] = [];
    return {
      write: (bytes) => {
        parts.push(bytes.slice());
        return Promise.resolve();
      },
      finish: () => {
        const content = Buffer.concat(parts);
        this.finished.set(url, content.toString("utf8"));
        return Promise.resolve({ url, token, size: content.length, sha256: "0" });
      },
      abandon: () => {
        this.abandoned += 1;
        return Promise.resolve();
      },
    };
  }
}
