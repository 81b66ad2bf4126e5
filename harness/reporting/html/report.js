"use strict";
// Lists are drawn in pieces as they come into view, and an item's body when it is first opened.
// Text from the target only ever becomes text nodes; nothing here parses markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PIECE = 40;
  const labels = new Map(data.areas.map((area) => [area.id, area.label]));
  const words = {
    pass: "passed", fail: "failed", error: "check failed", inconclusive: "not measured",
    "not-applicable": "not applicable",
  };

  const severities = ["critical", "high", "medium", "low"];
  const layersOf = (cell) => new Set(cell.findings.map((finding) => finding.layer));

  const cells = data.requirements.flatMap((requirement) => requirement.cells.map((cell) =>
    ({ requirement, cell, text: searchable(requirement, cell), layers: layersOf(cell) })));
  const strays = data.unplanned.map((finding) => ({
    finding, text: `${finding.requirement} ${finding.subject} ${finding.reason}`.toLowerCase(),
  }));

  function searchable(requirement, cell) {
    const parts = [requirement.id, requirement.statement, labels.get(requirement.area), cell.subject, cell.reason, cell.id];
    for (const finding of cell.findings) parts.push(finding.seen, finding.producer);
    return parts.join(" ").toLowerCase();
  }

  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    for (const child of children) if (child !== null && child !== undefined) element.append(child);
    return element;
  }

  const tag = (text, kind) => make("i", `tag ${kind || ""}`, text);

  function details(className, summary, body) {
    const element = make("details", className, summary);
    element.addEventListener("toggle", () => {
      if (element.open && element.children.length === 1) element.append(body());
    });
    return element;
  }

  // One list: what it shows, how an item looks, and what heads a group of them.
  function list(name, pick, draw, group) {
    const home = document.querySelector(`[data-list="${name}"]`);
    let shown = [];
    let next = 0;
    let last = null;
    const more = make("button", "more");
    more.type = "button";
    more.addEventListener("click", () => {
      const first = next;
      piece();
      home.querySelectorAll("summary")[first]?.focus();
    });
    const watch = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) piece();
    }, { rootMargin: "0px 0px 600px 0px" }); // never above: what is read would be pushed away

    function piece() {
      const fragment = document.createDocumentFragment();
      for (const entry of shown.slice(next, next + PIECE)) {
        const heading = group ? group(entry, shown) : null;
        if (heading && heading.key !== last) {
          last = heading.key;
          fragment.append(make("h3", "group", heading.title, make("span", "", heading.note)));
        }
        fragment.append(draw(entry));
      }
      next += PIECE;
      more.remove();
      home.append(fragment);
      if (next < shown.length) {
        more.textContent = `Show more (${shown.length - next} left)`;
        home.append(more);
        watch.unobserve(more);
        watch.observe(more);
      }
    }

    function show(filter) {
      shown = pick(filter);
      const size = shown.reduce((sum, entry) => sum + (entry.cells ? entry.cells.length : 1), 0);
      next = 0;
      last = null;
      watch.disconnect();
      home.replaceChildren();
      if (shown.length) piece();
      else home.append(make("p", "empty", filter.isOn ? "Nothing here matches the filter." : "None."));
      const count = document.querySelector(`[data-count="${name}"]`);
      if (count) count.textContent = size;
      return { size, entries: shown.length };
    }

    // Draws as far as the entry asked for and returns its element.
    function reveal(isWanted) {
      const at = shown.findIndex(isWanted);
      if (at < 0) return null;
      while (next <= at) piece();
      return home.querySelectorAll(":scope > .item")[at];
    }

    return { show, reveal };
  }

  const matches = (filter, { requirement, cell, text, layers }) =>
    (!filter.area || requirement.area === filter.area) && (!filter.must || requirement.must) &&
    (!filter.severity || requirement.severity === filter.severity) &&
    (!filter.outcome || cell.outcome === filter.outcome) && (!filter.layer || layers.has(filter.layer)) &&
    filter.words.every((word) => text.includes(word));

  const isOpen = (cell) => cell.outcome === "inconclusive" || cell.outcome === "error";

  const kindsOf = (requirement) => [tag(requirement.must ? "MUST" : "advice"),
    tag(requirement.severity, `s-${requirement.severity}`)];

  function subjectsText(of) {
    const named = of.slice(0, 3).map((cell) => cell.subject).join(", ");
    return of.length > 3 ? `${named} and ${of.length - 3} more` : named;
  }

  // One cause: a single subject is shown at once, several as a list in which the first is open.
  function causeItem({ requirement, cells: of }) {
    const kinds = make("span", "tags", ...kindsOf(requirement));
    if (of.length > 1) kinds.prepend(tag(counted(of.length), "number"));
    const where = make("span", "where", make("b", "", subjectsText(of)), make("code", "", requirement.id),
      make("span", "", of[0].reason));
    const summary = make("summary", "",
      make("span", "what", make("span", "title", requirement.statement), where), kinds);
    return details("item fail", summary, () => make("div", "body", ...(of.length === 1
      ? cellBody(requirement, of[0]) : [firstOpen(subjects(of)), requirementFoot(requirement)])));
  }

  function firstOpen(home) {
    const first = home.querySelector("details");
    if (first) first.open = true;
    return home;
  }

  function subjects(of) {
    const home = make("div", "subjects");
    let next = 0;
    const more = make("button", "more");
    more.type = "button";
    more.addEventListener("click", piece);
    function piece() {
      more.remove();
      home.append(...of.slice(next, next + PIECE).map(subject));
      next += PIECE;
      if (next < of.length) {
        more.textContent = `Show more subjects (${of.length - next} left)`;
        home.append(more);
      }
    }
    piece();
    return home;
  }

  function cellBody(requirement, cell) {
    const deciding = cell.findings.filter((finding) => finding.outcome === cell.outcome);
    const parts = (deciding.length ? deciding : cell.findings).map(findingBody);
    if (cell.excuse) parts.unshift(make("p", "excuse", `Expected failure: ${cell.excuse}`));
    if (cell.id) parts.push(shell("Once more", `harness replay ${cell.id} --run ${data.run}`));
    return [...parts, requirementFoot(requirement)];
  }

  function findingBody(finding) {
    const parts = [];
    if (finding.expected || finding.seen) {
      parts.push(make("div", "pair", titled("Expected", finding.expected), titled("Seen", finding.seen)));
    }
    for (const [name, found] of Object.entries(finding.measurements || {})) parts.push(measurement(name, found));
    parts.push(...(finding.exchanges || []).slice(0, 3)
      .map((id) => exchange(id, (finding.marks || {})[id] || {})));
    if (finding.reproduction) parts.push(shell("Reproduce", finding.reproduction));
    const rest = (finding.exchanges || []).slice(3);
    const notes = [`${finding.producer}, ${finding.reason}`];
    if (finding.attempts) notes.push(`${finding.attempts} attempts`);
    if (rest.length) notes.push(`also ${rest.join(", ")}`);
    if (finding.attachments) notes.push(`attachments ${finding.attachments.join(", ")}`);
    parts.push(make("p", "by", notes.join("; ")));
    return make("div", "inner-finding", ...parts);
  }

  const titled = (title, text) => make("div", "", make("h4", "", title), make("p", "", text || "–"));

  function measurement(name, found) {
    const limit = found.limit === null ? "" : `, limit ${round(found.limit)}`;
    const text = `${name} ${round(found.value)} [${round(found.low)}–${round(found.high)}]${limit}, ` +
      `${found.samples} samples`;
    return make("p", "", make("code", "", text));
  }

  const round = (value) => Number(value.toPrecision(4)).toString();

  function exchange(id, marks) {
    const found = data.exchanges[id];
    if (!found) return make("p", "by", `Exchange ${id} is in exchanges.ndjson of the run folder.`);
    const notes = [id, found.identity && `as ${found.identity}`, found.step, found.fault && "while a fault was injected"];
    const wire = make("div", "wire", message("Request", found.request.line, found.request, {}));
    if (found.response) {
      const time = found.response.seconds ? ` after ${round(found.response.seconds * 1000)} ms` : "";
      wire.append(message("Response", `${found.response.line}${time}`, found.response, marks));
    } else {
      wire.append(message("Response", `none: ${found.gap || "nothing was answered"}`, {}, {}));
    }
    return make("div", "", make("h4", "", notes.filter(Boolean).join(", ")), wire);
  }

  function message(title, line, found, marks) {
    const text = make("pre", "", make("span", "start", marks.status ? make("mark", "", line) : line), "\n");
    text.tabIndex = 0;
    text.setAttribute("aria-label", title);
    for (const name of marks.missing || []) text.append(make("span", "absent", `${name} is missing`));
    for (const [name, value] of found.headers || []) {
      const isMarked = (marks.headers || []).includes(name.toLowerCase());
      const told = `${name}: ${value}`;
      text.append(make("span", "head", isMarked ? make("mark", "", told) : told, "\n"));
    }
    if (found.body) text.append("\n", ...marked(found.base64 ? `base64: ${found.body}` : pretty(found.body), marks.pieces));
    if (found.cut) text.append(make("span", "head", `\n… cut here, ${found.cut} bytes in all`));
    return make("div", "", make("h4", "", title), text);
  }

  // The text as nodes, with the pieces that the finding names marked wherever they stand.
  function marked(text, pieces) {
    if (!pieces || !pieces.length) return [text];
    const escaped = pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return text.split(new RegExp(`(${escaped.join("|")})`))
      .map((part, index) => index % 2 ? make("mark", "", part) : part);
  }

  function pretty(body) {
    try {
      return JSON.stringify(JSON.parse(body), null, 2);
    } catch {
      return body;
    }
  }

  function shell(title, line) {
    const text = make("pre", "", line);
    text.tabIndex = 0;
    const copy = make("button", "", "Copy");
    copy.type = "button";
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(line);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(text);
        copy.textContent = "Selected";
      }
      setTimeout(() => { copy.textContent = "Copy"; }, 1600);
    });
    return make("div", "", make("h4", "", title), make("div", "shell", text, copy));
  }

  function requirementFoot(requirement) {
    const sources = make("p");
    requirement.source.forEach((source, index) => {
      if (index) sources.append("; ");
      if (!source.href) return sources.append(source.text);
      const link = make("a", "", source.text);
      link.href = source.href;
      link.rel = "noreferrer";
      sources.append(link);
    });
    return make("div", "pair",
      make("div", "", make("h4", "", `Remedy, ${requirement.effort} effort`), make("p", "", requirement.remedy)),
      make("div", "", make("h4", "", "Source"), sources));
  }

  function requirementItem({ requirement, of }) {
    const numbers = {};
    for (const cell of of) numbers[cell.outcome] = (numbers[cell.outcome] || 0) + 1;
    const told = Object.keys(words).filter((outcome) => numbers[outcome])
      .map((outcome) => `${numbers[outcome]} ${words[outcome]}`).join(", ");
    const where = make("span", "where", make("code", "", requirement.id), make("span", "", told));
    const kinds = make("span", "tags", ...kindsOf(requirement), tag(requirement.level));
    if (requirement.evidence === "document") kinds.append(tag("document"));
    const summary = make("summary", "",
      make("span", "what", make("span", "title", requirement.statement), where), kinds);
    const item = details(`item ${requirement.outcome}`, summary, () => make("div", "body",
      requirementFoot(requirement), subjects(of)));
    item.id = `r-${requirement.id}`;
    return item;
  }

  function subject(cell) {
    const line = [make("i", `dot o-${cell.outcome}`), make("span", "", cell.subject),
      make("small", "", `${words[cell.outcome]}: ${cell.reason}`)];
    if (!cell.findings.length) return make("div", "", ...line);
    return details("", make("summary", "", ...line), () => {
      const parts = cell.findings.map(findingBody);
      if (cell.excuse) parts.unshift(make("p", "excuse", `Expected failure: ${cell.excuse}`));
      if (cell.id) parts.push(shell("Once more", `harness replay ${cell.id} --run ${data.run}`));
      return make("div", "inner", ...parts);
    });
  }

  function strayItem({ finding }) {
    const where = make("span", "where", make("code", "", finding.requirement), make("span", "", finding.reason));
    const summary = make("summary", "", make("span", "what", make("span", "title", finding.subject), where),
      make("span", "tags", tag(words[finding.outcome])));
    return details(`item ${finding.outcome}`, summary, () => make("div", "body", findingBody(finding)));
  }

  const counted = (number) => number === 1 ? "1 subject" : `${number} subjects`;

  // What stayed open for one reason, a requirement at a time: its subjects would only repeat it.
  function openItem({ requirement, cells: open, reason }) {
    const where = make("span", "where", make("b", "", subjectsText(open)), make("code", "", requirement.id));
    const summary = make("summary", "",
      make("span", "what", make("span", "title", requirement.statement), where),
      make("span", "tags", ...kindsOf(requirement)));
    return details(`item ${open[0].outcome}`, summary, () => make("div", "body",
      subjects(open), requirementFoot(requirement)));
  }

  function drawOpenings() {
    const home = document.querySelector('[data-list="openings"]');
    for (const opening of data.openings) {
      const lines = opening.lines.length ? [make("pre", "lines", opening.lines.join("\n"))] : [];
      home.append(make("div", "opening",
        make("p", "gain", opening.gain, make("small", "", ` measured, ${counted(opening.subjects)}`)),
        make("p", "", opening.advice, " ", make("small", "", `(${opening.reason})`)), ...lines));
    }
  }

  const areaOrder = new Map(data.areas.map((area, index) => [area.id, index]));
  const byArea = (entry, shown) => {
    const area = entry.requirement.area;
    const number = shown.filter((other) => other.requirement.area === area)
      .reduce((sum, other) => sum + (other.cells ? other.cells.length : 1), 0);
    return { key: area, title: labels.get(area), note: String(number) };
  };
  const byReason = (entry, shown) => {
    const number = shown.filter((other) => other.reason === entry.reason)
      .reduce((sum, other) => sum + other.cells.length, 0);
    const advice = data.openings.find((opening) => opening.reason === entry.reason)?.advice;
    return { key: entry.reason, title: entry.reason, note: [number, advice].filter(Boolean).join(", ") };
  };
  const memoised = (group) => {
    let of = null;
    let known = new Map();
    return (entry, shown) => {
      if (shown !== of) { of = shown; known = new Map(); }
      const key = group === byArea ? entry.requirement.area : entry.reason;
      if (!known.has(key)) known.set(key, group(entry, shown));
      return known.get(key);
    };
  };
  const worstFirst = (one, other) =>
    areaOrder.get(one.requirement.area) - areaOrder.get(other.requirement.area) ||
    severities.indexOf(one.requirement.severity) - severities.indexOf(other.requirement.severity) ||
    one.cells[0].cause - other.cells[0].cause;

  // Cells that match, put together by what makes them one entry of a list.
  function together(filter, isListed, keyOf) {
    const entries = new Map();
    for (const found of cells) {
      if (!isListed(found.cell) || !matches(filter, found)) continue;
      const key = keyOf(found);
      const entry = entries.get(key);
      if (entry) entry.cells.push(found.cell);
      else entries.set(key, { requirement: found.requirement, reason: found.cell.reason, cells: [found.cell] });
    }
    return [...entries.values()];
  }

  const gains = data.openings.map((opening) => opening.reason);
  const causesOf = (filter) =>
    together(filter, (cell) => cell.outcome === "fail", ({ cell }) => cell.cause).sort(worstFirst);
  const openOf = (filter) =>
    together(filter, isOpen, ({ requirement, cell }) => `${cell.reason} ${cell.outcome} ${requirement.id}`)
      .sort((one, other) => gains.indexOf(one.reason) - gains.indexOf(other.reason));
  // A requirement counts once in its list, so its cells go by another name there.
  const requirementsOf = (filter) => together(filter, () => true, ({ requirement }) => requirement.id)
    .map(({ requirement, cells: of }) => ({ requirement, of }));

  const lists = {
    failures: list("failures", causesOf, causeItem, memoised(byArea)),
    open: list("open", openOf, openItem, memoised(byReason)),
    requirements: list("requirements", requirementsOf, requirementItem, memoised(byArea)),
    strays: list("strays",
      (filter) => strays.filter((entry) => filter.words.every((word) => entry.text.includes(word))), strayItem),
  };

  const search = document.getElementById("search");
  const must = document.getElementById("must-filter");
  const clear = document.getElementById("clear");
  const choices = Object.fromEntries(["outcome", "area", "layer", "severity"]
    .map((name) => [name, document.getElementById(`${name}-filter`)]));
  for (const [id, label] of labels) choices.area.append(new Option(label, id));
  for (const [id, label] of Object.entries(words)) choices.outcome.append(new Option(label, id));
  for (const severity of severities) choices.severity.append(new Option(severity, severity));
  for (const layer of data.layers) choices.layer.append(new Option(layer, layer));

  let waiting = 0;

  function apply() {
    clearTimeout(waiting); // what was typed is done with now, and must not be drawn again later
    const filter = { words: search.value.toLowerCase().split(/\s+/).filter(Boolean), must: must.checked };
    for (const [name, choice] of Object.entries(choices)) filter[name] = choice.value;
    filter.isOn = Boolean(filter.words.length || filter.must || Object.values(choices).some((one) => one.value));
    clear.hidden = !filter.isOn;
    const failed = lists.failures.show(filter);
    const open = lists.open.show(filter);
    const listed = lists.requirements.show(filter);
    lists.strays.show(filter);
    document.getElementById("failures-lead").textContent = failed.size > failed.entries
      ? `${failed.size} failures, ${failed.entries} causes. What differs only in names and numbers stands together.` : "";
    document.getElementById("status").textContent = filter.isOn
      ? `${failed.size} failures, ${open.size} not measured, ${listed.size} requirements match` : "";
  }

  function reset() {
    search.value = "";
    must.checked = false;
    for (const choice of Object.values(choices)) choice.value = "";
    apply();
  }

  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  for (const choice of Object.values(choices)) choice.addEventListener("change", apply);
  clear.addEventListener("click", () => { reset(); search.focus(); });
  must.addEventListener("change", apply);
  document.querySelector(".filters").addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      apply();
      search.blur();
    }
  });

  // A link to a requirement or a failure leads there even when its piece of the list is not drawn yet.
  function follow() {
    const [, kind, name] = /^#([rf])-(.+)$/.exec(decodeURIComponent(location.hash)) || [];
    if (!kind) return;
    const find = () => kind === "r" ? lists.requirements.reveal((entry) => entry.requirement.id === name)
      : lists.failures.reveal((entry) => entry.cells.some((cell) => cell.id === name));
    let item = find();
    if (!item) {
      reset();
      item = find();
    }
    if (!item) return;
    item.open = true;
    item.scrollIntoView({ block: "start" });
    item.querySelector("summary").focus({ preventScroll: true });
  }

  // The reader's choice of scheme outlives the page only where the browser lets a file keep it.
  const theme = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  const kept = {
    read() { try { return localStorage.getItem("harness-theme"); } catch { return null; } },
    write(name) { try { localStorage.setItem("harness-theme", name); } catch { /* it lasts for this page */ } },
  };
  function paint(name) {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    document.getElementById("theme-name").textContent = name;
  }
  let painted = themes.includes(kept.read()) ? kept.read() : "auto";
  paint(painted);
  theme.hidden = false;
  theme.addEventListener("click", () => {
    painted = themes[(themes.indexOf(painted) + 1) % themes.length];
    paint(painted);
    kept.write(painted);
  });

  document.querySelector(".filters").hidden = false;
  drawOpenings();
  document.getElementById("strays").hidden = !strays.length;
  apply();
  window.addEventListener("hashchange", follow);
  follow();
})();
