// One file sent by tus 1.0: it goes on after a pause, a lost line, and the same file chosen again
// after a reload. How far it is, is asked of the installation, never assumed.

const PART = 8 * 1024 * 1024; // bytes of one request: proxies may hold one back as a whole
const TRIES = 20; // failures in a row, half a minute apart at most
const LONGEST_WAIT = 30_000; // milliseconds
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

class Resumable {
  // `told` has: begun(id), progress(bytes), offline().
  constructor(file, { address, token, words, told }) {
    Object.assign(this, { file, address, token, told, stopped: false });
    this.words = { ...words, name: file.name };
    this.place = ["tus", address, ...Object.values(this.words), file.size, file.lastModified].join("|");
  }

  // The id of the upload once all of it has arrived; null when it was stopped.
  async run() {
    this.stopped = false;
    for (let failures = 0; ; ) {
      try {
        let offset = await this.where();
        while (offset < this.file.size && !this.stopped) {
          offset = await this.append(offset);
          failures = 0;
        }
        if (this.stopped) return null;
        Resumable.keep(this.place, null);
        return this.id;
      } catch (problem) {
        if (this.stopped) return null;
        failures += 1;
        if (!problem.passes || failures > TRIES) throw problem;
        this.told.offline();
        await this.patience(Math.min(LONGEST_WAIT, 500 * 2 ** failures));
      }
    }
  }

  // Nothing more is sent. What arrived stays until it expires.
  stop() {
    this.stopped = true;
    this.request?.abort();
    this.wake?.();
  }

  // How much has arrived; begins the upload where there is none.
  async where() {
    this.id ??= Resumable.kept(this.place);
    if (this.id) {
      this.told.begun(this.id);
      const asked = await this.send("HEAD", `/api/v1/tus/${this.id}`);
      if (asked.status === 200) return Number(asked.getResponseHeader("Upload-Offset"));
      if (![404, 410].includes(asked.status)) throw Resumable.problem(asked);
      this.forget();
    }
    const metadata = Object.entries(this.words).filter(([, value]) => value);
    const begun = await this.send("POST", this.address, {
      "Upload-Length": this.file.size,
      "Upload-Metadata": metadata.map(([word, value]) => `${word} ${base64(value)}`).join(","),
    });
    if (begun.status !== 201) throw Resumable.problem(begun);
    this.id = begun.getResponseHeader("Location").split("/").pop();
    Resumable.keep(this.place, this.id);
    this.told.begun(this.id);
    return 0;
  }

  async append(offset) {
    const part = this.file.slice(offset, offset + PART);
    const headers = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
    const sent = await this.send("PATCH", `/api/v1/tus/${this.id}`, headers, part, (loaded) =>
      this.told.progress(offset + loaded),
    );
    if (sent.status !== 204) throw Resumable.problem(sent);
    return Number(sent.getResponseHeader("Upload-Offset"));
  }

  send(method, address, headers = {}, body = null, progress = () => {}) {
    return new Promise((answered, failed) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open(method, address);
      const all = { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.token, ...headers };
      for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded }) => progress(loaded);
      request.onload = () => answered(request);
      request.onerror = request.onabort = () => failed({ passes: true });
      request.send(body);
    });
  }

  // Waits, but no longer than until the line is back or somebody stops it.
  patience(milliseconds) {
    return new Promise((done) => {
      this.wake = done;
      setTimeout(done, milliseconds);
      addEventListener("online", done, { once: true });
    });
  }

  forget() {
    Resumable.keep(this.place, null);
    this.id = null;
  }

  // Whether another try can help: another connection was quicker, or the other side is away.
  static problem(request) {
    const passes = [409, 423, 429].includes(request.status) || request.status >= 500;
    try {
      return { ...JSON.parse(request.responseText), passes };
    } catch {
      return { passes };
    }
  }

  static kept(place) {
    try {
      return localStorage.getItem(place);
    } catch {
      return null; // a browser that keeps nothing begins anew after a reload
    }
  }

  static keep(place, id) {
    try {
      if (id) localStorage.setItem(place, id);
      else localStorage.removeItem(place);
    } catch {
      // as above
    }
  }
}

globalThis.Resumable = Resumable;
