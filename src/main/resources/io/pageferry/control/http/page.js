"use strict";
/* Watches a server of Pageferry. What a peer may have written goes into the page as text only, never as markup. */
(() => {
  const LATENCIES_EVERY_MS = 2000, REFUSALS_EVERY_MS = 10000, MOST_REFUSALS = 50, RETRY_MS = 2000, SILENT_MS = 15000;
  const KINDS = [["hand-off", "Hand-off"], ["packet write", "Packet write"], ["sync", "Sync"]];
  const RUNNING = new Set(["none", "setup", "active", "pre-switchover", "device", "cancelling"]);
  const $ = id => document.getElementById(id);
  const cards = new Map(), before = new Map();
  let token = new URLSearchParams(location.hash.slice(1)).get("token") || sessionStorage.getItem("token");
  if (location.hash) history.replaceState(null, "", location.pathname);

  const el = (tag, cls, text) => {
    const e = document.createElement(tag);
    if (cls) e.className = cls;
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const set = (e, text) => { if (e.textContent !== text) e.textContent = text; };
  const show = (e, on) => { e.hidden = !on; };
  const scaled = (v, step, units) => {
    let i = 0;
    while (v >= step && i < units.length - 1) { v /= step; i++; }
    return (i === 0 || v >= 100 ? Math.round(v) : +v.toPrecision(3)) + " " + units[i];
  };
  const size = v => scaled(v, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]);
  const nanos = v => v >= 6e10 ? span(v / 1e9) : scaled(v, 1000, ["ns", "µs", "ms", "s"]);
  const span = s => s < 1 ? Math.round(s * 1000) + " ms" : s < 10 ? s.toFixed(1) + " s" : s < 60 ? Math.round(s) + " s"
    : s < 3600 ? Math.floor(s / 60) + " min " + Math.round(s % 60) + " s"
    : Math.floor(s / 3600) + " h " + Math.round(s % 3600 / 60) + " min";

  const get = (path, signal) => fetch(path, {
    signal, cache: "no-store", headers: token ? { Authorization: "Bearer " + token } : {}
  });

  /* Changes something, which takes the token; says why where it is refused. */
  async function change(method, path, question) {
    if (!confirm(question)) return;
    const answer = await fetch(path, { method, headers: { Authorization: "Bearer " + token } }).catch(() => null);
    if (!answer) alert("The server does not answer.");
    else if (!answer.ok) alert(await answer.text());
  }
  const button = (text, what) => {
    const b = el("button", "act", text);
    b.type = "button";
    b.addEventListener("click", e => { e.preventDefault(); what(); });
    return b;
  };

  /* Bytes a second since the last look, smoothed so that figures can be read. */
  function rates(m, now) {
    const last = before.get(m.id), secs = last ? (now - last.now) / 1000 : 0;
    const sums = [m.ram.transferred, ...m.channels.map(c => c["multifd-bytes"])];
    const fresh = last && secs > 0 ? sums.map((v, i) => Math.max(0, v - last.sums[i]) / secs) : null;
    const r = !fresh ? sums.map(() => 0) : !last.r ? fresh : fresh.map((v, i) => .5 * v + .5 * last.r[i]);
    before.set(m.id, { now, sums, r: fresh && r });
    return r;
  }

  function newCard(m) {
    const root = el("details"), top = el("summary"), head = el("div", "head"), bar = el("div", "bar");
    const c = { root, name: el("b"), peer: el("span", "peer"), status: el("span", "status"), fill: el("i"),
      facts: el("div", "facts"), verdict: el("p", "verdict"), more: el("div", "more"),
      channels: el("div", "channels"), rows: [], curves: el("div", "curves"), asked: 0 };
    root.dataset.id = m.id;
    c.cancel = button("Cancel", () => change("POST", "api/migrations/" + m.id + "/cancel",
      "Cancel migration #" + m.id + "? Its guest goes on at its source."));
    head.append(c.name, c.peer, c.status, c.cancel);
    bar.append(c.fill);
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", "Progress of migration " + m.id);
    c.bar = bar;
    top.append(head, bar, c.facts, c.verdict);
    c.more.append(c.channels, c.curves);
    c.channels.append(el("h3", "", "Channels"));
    c.curves.append(el("h3", "", "Latency by percentile"));
    root.append(top, c.more);
    root.addEventListener("toggle", () => { c.asked = 0; if (root.open) { c.channelsNow(); latencies(m.id, c); } });
    return c;
  }

  function facts(c, list) {
    while (c.facts.children.length > list.length) c.facts.lastChild.remove();
    list.forEach(([label, value], i) => {
      let f = c.facts.children[i];
      if (!f) { f = el("span"); f.append("", el("b")); c.facts.append(f); }
      f.firstChild.data = label + " ";
      set(f.lastChild, value);
    });
  }

  function draw(c, m, now) {
    const r = rates(m, now), live = RUNNING.has(m.status), ram = m.ram;
    c.root.className = m.status;
    set(c.name, "#" + m.id + " " + (m.uuid || "guest without uuid"));
    set(c.peer, (m.direction === "incoming" ? "from " : "to ") + m.peer);
    set(c.status, m.status);
    show(c.cancel, live && !!token);
    const known = ram.total > 0, pages = (ram.normal + ram.duplicate) * ram["page-size"];
    const share = m.status === "completed" ? 1 : !known ? 0
      : m["round-known"] ? 1 - Math.min(1, ram.remaining / ram.total) : Math.min(.99, pages / ram.total);
    c.fill.style.width = (share * 100).toFixed(1) + "%";
    c.bar.setAttribute("aria-valuenow", Math.round(share * 100));
    const list = [["transferred", size(ram.transferred)]];
    if (known) list.push(["RAM", size(ram.total)]);
    if (live) list.push(["rate", size(r[0]) + "/s"]);
    else if (ram.mbps) list.push(["rate", size(ram.mbps * 125000) + "/s"]);
    if (ram["dirty-sync-count"]) list.push(["round", String(ram["dirty-sync-count"])]);
    if (live && m["round-known"]) {
      list.push(["dirty pages left", Math.ceil(ram.remaining / ram["page-size"]).toLocaleString("en")]);
      if (ram["dirty-pages-rate"]) list.push(["dirtied", ram["dirty-pages-rate"].toLocaleString("en") + " pages/s"]);
      if (ram.remaining && r[0] > 0 && !stuck(m)) list.push(["ETA", span(ram.remaining / r[0])]);
    }
    if (m["expected-downtime"] !== undefined && live) list.push(["expected downtime", nanos(m["expected-downtime"] * 1e6)]);
    if (m.downtime) list.push(["downtime", nanos(m.downtime * 1e6)]);
    list.push(["time", span(m["total-time"] / 1000)]);
    facts(c, list);
    const verdict = m["error-desc"] || (live && stuck(m) ? "will not converge: the guest dirties pages as fast as they go" : "");
    set(c.verdict, verdict);
    show(c.verdict, verdict !== "");
    c.channelsNow = () => channels(c, m, r, live);
    if (c.root.open) {
      c.channelsNow();
      if (now - c.asked > LATENCIES_EVERY_MS && (live || c.last !== m.status)) latencies(m.id, c, m.status);
    }
  }

  const stuck = m => m.converges === false;

  function channels(c, m, r, live) {
    const most = Math.max(1, ...r.slice(1)), bytes = Math.max(1, ...m.channels.map(ch => ch["multifd-bytes"]));
    m.channels.forEach((ch, i) => {
      let row = c.rows[i];
      if (!row) {
        row = el("div", "channel");
        const bar = el("div", "bar");
        bar.append(el("i"));
        row.append(el("span", "", String(ch.id)), bar, el("span"), el("span"));
        c.channels.append(row);
        c.rows.push(row);
      }
      const share = live ? r[i + 1] / most : ch["multifd-bytes"] / bytes;
      row.children[1].firstChild.style.width = (share * 100).toFixed(1) + "%";
      set(row.children[2], live ? size(r[i + 1]) + "/s" : size(ch["multifd-bytes"]));
      set(row.children[3], live ? size(ch["multifd-bytes"]) : ch.packets.toLocaleString("en") + " packets");
    });
  }

  async function latencies(id, c, status) {
    c.asked = performance.now();
    try {
      const answer = await get("api/migrations/" + id);
      if (!answer.ok) return;
      curves(c, (await answer.json())["latencies-ns"]);
      c.last = status;
    } catch (e) { /* The stream says that the server is away. */ }
  }

  /* Percentiles to the right, each nine as wide as the one before; nanoseconds upwards, each power of ten as high as the next. */
  function curves(c, kinds) {
    const W = 420, H = 210, L = 58, R = 12, T = 10, B = 26, NS = "http://www.w3.org/2000/svg";
    const all = KINDS.map(([k]) => kinds[k]).filter(k => k && k.count > 0);
    while (c.curves.children.length > 1) c.curves.lastChild.remove();
    if (!all.length) { c.curves.append(el("p", "empty", "Nothing measured yet.")); return; }
    const values = all.flatMap(k => k.percentiles.map(p => p[1])).map(v => Math.max(v, 1000));
    const low = Math.floor(Math.log10(Math.min(...values))), high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
    const x = p => L + (W - L - R) * Math.min(4, -Math.log10(Math.max(1e-4, 1 - p / 100))) / 4;
    const y = v => T + (H - T - B) * (1 - (Math.log10(Math.max(v, 1000)) - low) / (high - low));
    const make = (tag, a, text) => {
      const e = document.createElementNS(NS, tag);
      for (const k in a) e.setAttribute(k, a[k]);
      if (text) e.textContent = text;
      svg.append(e);
    };
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", "Latency by percentile");
    for (let d = low; d <= high; d++) {
      make("line", { class: "grid", x1: L, x2: W - R, y1: y(10 ** d), y2: y(10 ** d) });
      make("text", { x: L - 6, y: y(10 ** d) + 4, "text-anchor": "end" }, nanos(10 ** d));
    }
    [0, 90, 99, 99.9, 99.99].forEach(p => {
      make("line", { class: "grid", x1: x(p), x2: x(p), y1: T, y2: H - B });
      make("text", { x: x(p), y: H - 8, "text-anchor": p === 99.99 ? "end" : "middle" }, p ? p + " %" : "0");
    });
    const legend = el("p", "legend");
    KINDS.forEach(([k, label], i) => {
      const one = kinds[k];
      if (!one || !one.count) return;
      const d = one.percentiles.map(([p, v], j) => (j ? "L" : "M") + x(p).toFixed(1) + " " + y(v).toFixed(1)).join("");
      make("path", { d, class: "c" + i });
      const key = el("span"), dot = el("span", "c" + i, "━ ");
      const at = w => { const p = one.percentiles.find(q => q[0] === w); return p ? nanos(p[1]) : "–"; };
      key.append(dot, `${label} p50 ${at(50)}, p99 ${at(99)}, max ${at(100)}`);
      legend.append(key);
    });
    c.curves.append(svg, legend);
  }

  /* Says what is not shown. */
  function rest(e, shown, total, which, path) {
    show(e, total > shown);
    set(e, `The ${which} ${shown} of ${total.toLocaleString("en")} are shown; all are at ${path}, in parts with ?after=…&limit=….`);
  }

  /* By guest, the one with the newest image first, and each guest's newest first. */
  function images(list, total) {
    const body = $("images").tBodies[0], guests = new Map();
    rest($("more-images"), list.length, total, "newest", "api/images");
    show($("no-images"), !list.length);
    set($("no-images"), $("filter").value.trim() ? "None that fits." : "None in the store.");
    show($("images"), list.length);
    for (const i of list) {
      const guest = [i["guest-name"], i.uuid || "no uuid", i.owner].filter(Boolean).join(" · ");
      if (!guests.has(guest)) guests.set(guest, []);
      guests.get(guest).push(i);
    }
    const rows = [];
    for (const [guest, its] of guests) {
      const head = el("tr", "guest"), name = el("th", "", guest);
      name.colSpan = 6;
      name.scope = "rowgroup";
      head.append(name);
      rows.push(head, ...its.map(imageRow));
    }
    body.replaceChildren(...rows);
  }

  function imageRow(i) {
    const row = el("tr"), last = el("td");
    row.append(el("td", "", i.name), el("td", "", i.state), el("td", "number", size(i.size)),
      el("td", "", new Date(i.begun).toLocaleString()), el("td", "", i.machine || "–"), last);
    if (token && i.state === "complete") last.append(button("Remove", () => change("DELETE",
      "api/images/" + i.name.split("/").map(encodeURIComponent).join("/"), "Remove image " + i.name + " for good?")));
    return row;
  }

  /* The newest are sent with the events; who looks for some asks for those. */
  let newest = [], totalImages = 0, asks = 0;
  async function showImages() {
    const text = $("filter").value.trim(), ask = ++asks;
    if (!text) return images(newest, totalImages);
    const answer = await get("api/images?limit=200&filter=" + encodeURIComponent(text)).catch(() => null);
    if (answer && answer.ok && ask === asks) {
      const found = await answer.json();
      images(found, found.length);
    }
  }
  $("filter").addEventListener("input", () => { clearTimeout(showImages.next); showImages.next = setTimeout(showImages, 200); });

  let shown = "";
  function render(state) {
    const now = performance.now(), list = [...state.migrations].sort((a, b) => RUNNING.has(b.status) - RUNNING.has(a.status));
    const seen = new Set();
    list.forEach((m, i) => {
      let c = cards.get(m.id);
      if (!c) {
        cards.set(m.id, c = newCard(m));
        if (cards.size === 1) c.root.open = true;
      }
      seen.add(m.id);
      draw(c, m, now);
      const there = $("migrations").children[i];
      if (there !== c.root) $("migrations").insertBefore(c.root, there || null);
    });
    for (const [id, c] of cards) if (!seen.has(id)) { c.root.remove(); cards.delete(id); before.delete(id); }
    show($("no-migrations"), !list.length);
    const live = state["migrations-running"];
    const total = state["images-total"];
    rest($("more-migrations"), list.length, state["migrations-total"], "newest", "api/migrations");
    set($("totals"), live + " running, " + (state["migrations-total"] - live) + " ended, "
      + total.toLocaleString("en") + (total === 1 ? " image" : " images"));
    /* They are left out where they are as before. */
    const now2 = state.images && total + JSON.stringify(state.images);
    if (now2 && now2 !== shown) { shown = now2; newest = state.images; totalImages = total; showImages(); }
  }

  /* Who was refused, the last ones: seldom anybody, so they are asked for now and then. */
  async function refusals() {
    clearTimeout(refusals.next);
    refusals.next = setTimeout(refusals, REFUSALS_EVERY_MS);
    const answer = await get("api/refusals?limit=" + MOST_REFUSALS).catch(() => null);
    if (!answer || !answer.ok) return;
    const list = await answer.json();
    show($("refusals-section"), list.length > 0);
    $("refusals").tBodies[0].replaceChildren(...list.map(r => {
      const row = el("tr");
      row.append(el("td", "", new Date(r.time).toLocaleString()), el("td", "", r.peer), el("td", "", r.uuid || ""),
        el("td", "", r.reason), el("td", "message", r.message));
      return row;
    }));
  }

  function link(state, text) { $("link").className = state; set($("link"), text); }

  function login(why) {
    show($("login"), true);
    set($("refused"), why);
    link("lost", "token needed");
    $("token").focus();
  }
  $("login").addEventListener("submit", e => {
    e.preventDefault();
    token = $("token").value.trim();
    $("token").value = "";
    show($("login"), false);
    watch();
  });

  /* Server-sent events, read by fetch: EventSource cannot carry a token. */
  async function watch() {
    const stop = new AbortController();
    let guard;
    const alive = () => { clearTimeout(guard); guard = setTimeout(() => stop.abort(), SILENT_MS); };
    try {
      alive();
      const answer = await get("api/events", stop.signal);
      if (answer.status === 401) {
        sessionStorage.removeItem("token");
        login(token ? "This is not the token." : "");
        return;
      }
      if (!answer.ok) throw new Error("status " + answer.status);
      if (token) sessionStorage.setItem("token", token);
      link("live", "live");
      refusals();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        alive();
        const parts = (rest + value).split("\n\n");
        rest = parts.pop();
        const data = parts.map(p => p.split("\n").find(l => l.startsWith("data: "))).filter(Boolean);
        if (data.length) render(JSON.parse(data[data.length - 1].slice(6)));
      }
    } catch (e) { /* Said below, and tried again. */ } finally { clearTimeout(guard); }
    link("lost", "server away");
    setTimeout(watch, RETRY_MS);
  }
  watch();
})();
