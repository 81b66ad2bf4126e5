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

  const cells = data.requirements.flatMap((requirement) =>
    requirement.cells.map((cell) => ({ requirement, cell, text: searchable(requirement, [cell]) })));
  const requirements = data.requirements.map((requirement) =>
    ({ requirement, text: searchable(requirement, requirement.cells) }));
  const strays = data.unplanned.map((finding) => ({
    finding, text: `${finding.requirement} ${finding.subject} ${finding.reason}`.toLowerCase(),
  }));

  function searchable(requirement, of) {
    const parts = [requirement.id, requirement.statement, labels.get(requirement.area)];
    for (const cell of of) {
      parts.push(cell.subject, cell.reason);
      for (const finding of cell.findings) parts.push(finding.seen, finding.producer);
    }
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
    }, { rootMargin: "600px" });

    function piece() {
      const fragment = document.createDocumentFragment();
      for (const entry of shown.slice(next, next + PIECE)) {
        const heading = group ? group(entry, shown) : null;
        if (heading && heading.key !== last) {
          last = heading.key;
          fragment.append(make("div", "group", heading.title, make("span", "", heading.note)));
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

    return (filter) => {
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
      return size;
    };
  }

  const matches = (filter, entry, requirement) =>
    (!filter.area || requirement.area === filter.area) && (!filter.must || requirement.must) &&
    filter.words.every((word) => entry.text.includes(word));

  const isOpen = (cell) => cell.outcome === "inconclusive" || cell.outcome === "error";

  function cellItem({ requirement, cell }) {
    const kinds = make("span", "tags", tag(requirement.must ? "MUST" : "advice"),
      tag(requirement.weight, `w-${requirement.weight}`));
    const where = make("span", "where", make("b", "", cell.subject), make("code", "", requirement.id),
      make("span", "", cell.reason));
    const summary = make("summary", "",
      make("span", "what", make("span", "title", requirement.statement), where), kinds);
    return details(`item ${cell.outcome}`, summary, () => make("div", "body", ...cellBody(requirement, cell)));
  }

  function cellBody(requirement, cell) {
    const deciding = cell.findings.filter((finding) => finding.outcome === cell.outcome);
    return [...(deciding.length ? deciding : cell.findings).map(findingBody), requirementFoot(requirement)];
  }

  function findingBody(finding) {
    const parts = [];
    if (finding.expected || finding.seen) {
      parts.push(make("div", "pair", titled("Expected", finding.expected), titled("Seen", finding.seen)));
    }
    for (const [name, found] of Object.entries(finding.measurements || {})) parts.push(measurement(name, found));
    parts.push(...(finding.exchanges || []).slice(0, 3).map(exchange));
    if (finding.reproduction) parts.push(shell(finding.reproduction));
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

  function exchange(id) {
    const found = data.exchanges[id];
    if (!found) return make("p", "by", `Exchange ${id} is in exchanges.ndjson of the run folder.`);
    const notes = [id, found.identity && `as ${found.identity}`, found.step, found.fault && "while a fault was injected"];
    const wire = make("div", "wire", message("Request", found.request.line, found.request));
    if (found.response) {
      const time = found.response.seconds ? ` after ${round(found.response.seconds * 1000)} ms` : "";
      wire.append(message("Response", `${found.response.line}${time}`, found.response));
    } else {
      wire.append(message("Response", `none: ${found.gap || "nothing was answered"}`, {}));
    }
    return make("div", "", make("h4", "", notes.filter(Boolean).join(", ")), wire);
  }

  function message(title, line, found) {
    const text = make("pre", "", make("span", "start", line), "\n");
    text.tabIndex = 0;
    for (const [name, value] of found.headers || []) text.append(make("span", "head", `${name}: ${value}\n`));
    if (found.body) text.append("\n", found.base64 ? `base64: ${found.body}` : pretty(found.body));
    if (found.cut) text.append(make("span", "head", `\n… cut here, ${found.cut} bytes in all`));
    return make("div", "", make("h4", "", title), text);
  }

  function pretty(body) {
    try {
      return JSON.stringify(JSON.parse(body), null, 2);
    } catch {
      return body;
    }
  }

  function shell(line) {
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
    return make("div", "", make("h4", "", "Reproduce"), make("div", "shell", text, copy));
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

  function requirementItem({ requirement }) {
    const numbers = {};
    for (const cell of requirement.cells) numbers[cell.outcome] = (numbers[cell.outcome] || 0) + 1;
    const told = Object.keys(words).filter((outcome) => numbers[outcome])
      .map((outcome) => `${numbers[outcome]} ${words[outcome]}`).join(", ");
    const where = make("span", "where", make("code", "", requirement.id), make("span", "", told));
    const kinds = make("span", "tags", tag(requirement.must ? "MUST" : "advice"),
      tag(requirement.weight, `w-${requirement.weight}`), tag(requirement.level));
    if (requirement.evidence === "document") kinds.append(tag("document"));
    const summary = make("summary", "",
      make("span", "what", make("span", "title", requirement.statement), where), kinds);
    const item = details(`item ${requirement.outcome}`, summary, () => make("div", "body",
      requirementFoot(requirement), make("div", "subjects", ...requirement.cells.map(subject))));
    item.id = `r-${requirement.id}`;
    return item;
  }

  function subject(cell) {
    const line = [make("i", `dot o-${cell.outcome}`), make("span", "", cell.subject),
      make("small", "", `${words[cell.outcome]}: ${cell.reason}`)];
    if (!cell.findings.length) return make("div", "", ...line);
    return details("", make("summary", "", ...line),
      () => make("div", "inner", ...cell.findings.map(findingBody)));
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
    const named = open.slice(0, 3).map((cell) => cell.subject).join(", ");
    const rest = open.length > 3 ? ` and ${open.length - 3} more` : "";
    const where = make("span", "where", make("b", "", named + rest), make("code", "", requirement.id));
    const summary = make("summary", "",
      make("span", "what", make("span", "title", requirement.statement), where),
      make("span", "tags", tag(requirement.must ? "MUST" : "advice"), tag(requirement.weight, `w-${requirement.weight}`)));
    return details(`item ${open[0].outcome}`, summary, () => make("div", "body",
      make("div", "subjects", ...open.map(subject)), requirementFoot(requirement)));
  }

  function drawOpenings() {
    const home = document.querySelector('[data-list="openings"]');
    for (const opening of data.openings) {
      const lines = opening.lines.map((line) => make("code", "", line));
      home.append(make("div", "opening",
        make("p", "gain", opening.gain, make("small", "", ` measured, ${counted(opening.subjects)}`)),
        make("p", "", opening.advice, " ", make("small", "", `(${opening.reason})`)), ...lines));
    }
  }

  const areaOrder = new Map(data.areas.map((area, index) => [area.id, index]));
  const heaviest = { critical: 0, high: 1, medium: 2, low: 3 };
  const byArea = (entry, shown) => {
    const area = entry.requirement.area;
    const number = shown.filter((other) => other.requirement.area === area).length;
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
    Number(other.requirement.must) - Number(one.requirement.must) ||
    heaviest[one.requirement.weight] - heaviest[other.requirement.weight];

  const failures = cells.filter(({ cell }) => cell.outcome === "fail").sort(worstFirst);
  const gains = data.openings.map((opening) => opening.reason);
  const openEntries = new Map();
  for (const { requirement, cell, text } of cells) {
    if (!isOpen(cell)) continue;
    const key = `${cell.reason} ${cell.outcome} ${requirement.id}`;
    const entry = openEntries.get(key) || { requirement, reason: cell.reason, cells: [], text: "" };
    entry.cells.push(cell);
    entry.text += ` ${text}`;
    openEntries.set(key, entry);
  }
  const openList = [...openEntries.values()]
    .sort((one, other) => gains.indexOf(one.reason) - gains.indexOf(other.reason));

  const lists = [
    list("failures", (filter) => failures.filter((entry) => matches(filter, entry, entry.requirement)),
      cellItem, memoised(byArea)),
    list("open", (filter) => openList.filter((entry) => matches(filter, entry, entry.requirement)),
      openItem, memoised(byReason)),
    list("requirements", (filter) => requirements.filter((entry) => matches(filter, entry, entry.requirement)),
      requirementItem, memoised(byArea)),
    list("strays", (filter) => strays.filter((entry) => filter.words.every((word) => entry.text.includes(word))),
      strayItem),
  ];

  const search = document.getElementById("search");
  const area = document.getElementById("area-filter");
  const must = document.getElementById("must-filter");
  for (const [id, label] of labels) area.append(new Option(label, id));

  function apply() {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const filter = { words: terms, area: area.value, must: must.checked };
    filter.isOn = Boolean(terms.length || filter.area || filter.must);
    const [failed, open, listed] = lists.map((show) => show(filter));
    document.getElementById("status").textContent = filter.isOn
      ? `${failed} failures, ${open} not measured, ${listed} requirements match` : "";
  }

  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  area.addEventListener("change", apply);
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

  // A link to a requirement leads there even when its piece of the list is not drawn yet.
  function follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    if (!id.startsWith("r-")) return;
    if (!document.getElementById(id)) {
      search.value = id.slice(2);
      apply();
    }
    const item = document.getElementById(id);
    if (!item) return;
    item.open = true;
    item.scrollIntoView({ block: "start" });
    item.querySelector("summary").focus({ preventScroll: true });
  }

  drawOpenings();
  document.getElementById("strays").hidden = !strays.length;
  apply();
  window.addEventListener("hashchange", follow);
  follow();
})();
