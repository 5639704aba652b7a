// Put files: drop or choose several, each with its own progress, pause, cancel and retry.
// The bytes go raw to the API, which seals them as they arrive; nothing is read into memory here.
// A large file goes by tus (tus.js), so that it can be paused and goes on after a break.
// Without this script the same form posts its files to the server, one after the other.

const AT_ONCE = 2; // more would only share the same line
const ASK_EVERY = 700; // milliseconds between two looks at a file that is being understood
const LARGE = 8 * 1024 * 1024; // bytes from which on a break would cost more than another try
const form = document.querySelector("form[data-upload]");
const { upload: address, tus, resource, place, folder, understanding, token } = form?.dataset ?? {};
const list = document.getElementById("uploads");
const pattern = document.getElementById("upload-row");
const words = pattern?.dataset ?? {};
const waiting = [];
let running = 0;

const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
const size = (bytes) => {
  const unit = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let step = 0;
  while (bytes >= 1000 && step < 3) [bytes, step] = [bytes / 1000, step + 1];
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit: unit[step], maximumFractionDigits: step ? 1 : 0,
  }).format(bytes);
};

class Row {
  constructor(file, shown = null, lies = folder, problem = null) {
    this.file = file;
    this.folder = lies;
    this.node = pattern.content.firstElementChild.cloneNode(true);
    this.part("name").textContent = file.name;
    this.bar = this.part("bar");
    this.bar.setAttribute("aria-label", file.name);
    this.part("cancel").addEventListener("click", () => this.cancel());
    this.part("retry").addEventListener("click", () => this.begin());
    this.part("pause").addEventListener("click", () => this.pause());
    list.parentElement.querySelector(".none-yet")?.remove();
    if (shown) {
      this.follow(shown);
      return;
    }
    list.append(this.node);
    if (problem) this.fail(problem);
    else this.begin();
  }

  // A file that the server was busy with when the page came: show how it goes on.
  follow(shown) {
    this.id = shown.dataset.follow;
    shown.replaceWith(this.node);
    this.bar.removeAttribute("value");
    const state = shown.dataset.state === "keeping" ? "keeping" : "understanding";
    this.show(state, words[state]);
    this.ask();
  }

  part(name) {
    return this.node.querySelector(`[data-part="${name}"]`);
  }

  show(state, text) {
    this.state = state;
    this.part("state").textContent = text;
    const busy = ["waiting", "sending", "offline", "paused", "understanding", "keeping"].includes(state);
    this.bar.hidden = !busy;
    this.part("pause").hidden = !this.sender || !["sending", "offline", "paused"].includes(state);
    this.part("pause").textContent = state === "paused" ? words.goOn : words.pause;
    this.part("cancel").hidden = !busy;
    this.part("retry").hidden = !this.file.stream || !["failed", "cancelled"].includes(state);
    this.part("open").hidden = state !== "kept";
    this.part("look").hidden = state !== "understood";
    this.node.dataset.state = state;
  }

  begin() {
    this.id = null;
    this.request = this.sender = null;
    this.kind = new FormData(form).get("as") || "auto";
    this.bar.removeAttribute("value");
    this.show("waiting", words.waiting);
    waiting.push(this);
    next();
  }

  send() {
    if (this.file.size >= LARGE) this.sendLarge();
    else this.sendAtOnce();
  }

  async sendLarge() {
    const how = (state, done) => {
      this.done = done;
      const values = { done: size(done), all: size(this.file.size) };
      this.bar.value = done / this.file.size;
      if (this.state === state) this.part("state").textContent = say(words[state], values);
      else this.show(state, say(words[state], values));
    };
    this.sender ??= new Resumable(this.file, {
      address: tus,
      token,
      words: { as: this.kind, resource, folder: this.folder },
      told: {
        begun: (id) => {
          this.id = id;
          document.querySelector(`[data-waits="${id}"]`)?.remove(); // it goes on in this row
        },
        progress: (done) => this.state === "paused" || this.state === "cancelled" || how("sending", done),
        offline: () => how("offline", this.done),
      },
    });
    how("sending", this.done ?? 0);
    try {
      if (await this.sender.run()) this.arrived();
      else if (this.state !== "cancelled") how("paused", this.done);
    } catch (problem) {
      this.fail(problem);
    } finally {
      release();
    }
  }

  // Pause, or go on: the same button.
  pause() {
    if (this.state !== "paused") return this.sender.stop();
    this.show("waiting", words.waiting);
    waiting.push(this);
    next();
  }

  arrived() {
    this.bar.removeAttribute("value");
    this.show("understanding", words.understanding);
    this.ask();
  }

  sendAtOnce() {
    const request = new XMLHttpRequest();
    this.request = request;
    const query = new URLSearchParams({ name: this.file.name, as: this.kind });
    if (resource) query.set("resource", resource);
    if (this.folder) query.set("folder", this.folder);
    request.open("POST", `${address}?${query}`);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    this.show("sending", say(words.sending, { done: size(0), all: size(this.file.size) }));
    request.upload.onprogress = ({ loaded, total }) => {
      this.bar.value = total ? loaded / total : 0;
      this.part("state").textContent = say(words.sending, { done: size(loaded), all: size(total) });
    };
    request.onload = () => {
      release();
      if (request.status === 201) {
        this.id = request.response.id;
        this.arrived();
      } else this.fail(request.response);
    };
    request.onerror = () => {
      release();
      this.show("failed", words.broken);
    };
    request.onabort = () => release();
    request.send(this.file);
  }

  async ask() {
    const asked = this.state;
    while (this.state === asked) {
      await new Promise((done) => setTimeout(done, ASK_EVERY));
      const answer = await fetch(`/api/v1/uploads/${this.id}`, { headers: { Accept: "application/json" } })
        .catch(() => null);
      if (!answer) continue; // the line is down for a moment; the work goes on without us
      const upload = await answer.json().catch(() => ({}));
      if (this.state !== asked) return;
      if (!answer.ok || upload.state === "failed") this.fail(answer.ok ? upload.error ?? upload : upload);
      else if (upload.state === "kept" || (upload.state === "understood" && asked !== "keeping")) this.understood(upload);
      else if (upload.progress?.total) this.bar.value = upload.progress.done / upload.progress.total;
    }
  }

  understood(upload) {
    const kept = upload.state === "kept";
    this.show(kept ? "kept" : "understood", kept ? words.kept : size(upload.size));
    const address = understanding.replace("00000000-0000-0000-0000-000000000000", this.id);
    this.part("open").href = address;
    this.part("look").href = `${address}#seen`;
    const open = document.getElementById("understanding");
    if (!kept && !open.childElementCount) {
      htmx.ajax("GET", address, { target: "#understanding", swap: "innerHTML" });
    }
  }

  fail(problem) {
    this.show("failed", problem?.detail ?? problem?.title ?? words.failed);
  }

  async cancel() {
    const at = waiting.indexOf(this);
    if (at >= 0) waiting.splice(at, 1);
    this.state = "cancelled";
    this.request?.abort();
    this.sender?.stop();
    if (this.id) {
      await fetch(`/api/v1/uploads/${this.id}`, { method: "DELETE", headers: { "X-CSRFToken": token } });
      this.sender?.forget();
    }
    this.show("cancelled", words.cancelled);
  }
}

function release() {
  running -= 1;
  next();
}

function next() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    waiting.shift().send();
  }
}

function put(files) {
  for (const file of files) new Row(file);
}

// A folder that was dropped or chosen: its folders are made first, each once, then its files lie in
// them. A folder that is there already is used. Names are titles; they never become a path.
const made = new Map();

function folderFor(names) {
  if (!names.length) return Promise.resolve(folder || null);
  const key = JSON.stringify(names);
  if (!made.has(key)) {
    const wanted = folderFor(names.slice(0, -1)).then((above) => makeFolder(above ?? place, names.at(-1)));
    made.set(key, wanted);
    wanted.catch(() => made.delete(key)); // the next try asks again
  }
  return made.get(key);
}

async function makeFolder(above, title) {
  const answer = await fetch(`/api/v1/places/${above}/folders`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ title }),
  });
  const found = await answer.json().catch(() => ({}));
  if (answer.ok) return found.id;
  if (found.code === "folder-exists" && found.folder) return found.folder;
  throw found;
}

async function putInto(file, names) {
  try {
    new Row(file, null, await folderFor(names));
  } catch (problem) {
    tell(file, names, problem);
  }
}

async function walk(entry, names) {
  if (entry.isFile) {
    await putInto(await new Promise((done, fail) => entry.file(done, fail)), names);
    return;
  }
  const inside = [...names, entry.name];
  await folderFor(inside);
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return;
    for (const each of some) await walk(each, inside).catch((problem) => tell(each, inside, problem));
  }
}

// One that fails stops no other: it has a row that says why.
function tell(entry, names, problem) {
  new Row({ name: [...names, entry.name].join(" / ") }, null, null, problem);
}

async function putDropped(transfer) {
  // What was dropped is gone after the first wait: take the entries first.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return put(transfer.files);
  for (const entry of entries) {
    await walk(entry, []).catch((problem) => tell(entry, [], problem));
  }
}

async function putChosen(files) {
  for (const file of files) await putInto(file, file.webkitRelativePath.split("/").slice(0, -1));
}

if (form) {
  for (const shown of list.querySelectorAll("[data-follow]")) {
    new Row({ name: shown.querySelector("b").textContent }, shown);
  }
  const drop = form.querySelector(".drop");
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", async () => {
      if (input.webkitdirectory) await putChosen([...input.files]);
      else put(input.files);
      input.value = "";
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.toggleAttribute("data-over", drop.contains(event.target));
    });
  }
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.removeAttribute("data-over");
    if (drop.contains(event.target)) putDropped(event.dataTransfer);
  });
  addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });
}
