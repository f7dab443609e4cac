"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const read = (id) => JSON.parse($(id).textContent);
  const index = read("index");
  const PAGE = 50;
  const MARKS = { rendering: "≈", substitution: "×", deletion: "−", insertion: "+" };
  const NUMBERS_PER_EDIT = 9;
  // The white space of the scorer's tokens, which is not quite JavaScript's \s.
  const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const TOKEN = new RegExp(`[^${SPACE}]+(?:(?! )[${SPACE}][^${SPACE}]+)*`, "gu");
  const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;
  const FIRST_LETTER = /\p{L}/u;

  const split = (text) => text.match(TOKEN) || [];

  // --- what the file holds ------------------------------------------------------------------

  const edits = (numbers) => {
    const list = [];
    for (let at = 0; at < numbers.length; at += NUMBERS_PER_EDIT) {
      const [operation, start, end, from, to, errors, kind, probability, evidence] =
        numbers.slice(at, at + NUMBERS_PER_EDIT);
      list.push({
        operation: index.operations[operation], start, end, from, to, errors,
        kind: kind < 0 ? "" : index.kinds[kind],
        probability: probability < 0 ? null : probability,
        evidence: evidence < 0 ? "" : index.evidence[evidence],
      });
    }
    return list;
  };

  const utterances = read("utterances").map(([id, reference, tags, values, renditions], place) => ({
    id, reference, tags, values, place,
    systems: renditions.map((rendition) => {
      const [hypothesis, raw, corrected, numbers] = rendition || [reference, 0, 0, []];
      return { hypothesis, raw, corrected, numbers };
    }),
  }));
  const byId = new Map(utterances.map((utterance) => [utterance.id, utterance]));

  const fold = (text) => text.normalize("NFC").toLowerCase();
  const haystack = (utterance) => (utterance.folded ??=
    fold([utterance.id, utterance.reference, ...utterance.systems.map((s) => s.hypothesis)].join("\n")));

  const nearSwitch = (utterance) => {
    if (utterance.near) return utterance.near;
    const near = utterance.tags.map(() => false);
    let before = -1;
    utterance.tags.forEach((tag, place) => {
      if (!index.languages[tag]) return;
      if (before >= 0 && utterance.tags[before] !== tag) near[before] = near[place] = true;
      before = place;
    });
    return (utterance.near = near);
  };

  // --- filters -------------------------------------------------------------------------------

  const controls = {};
  for (const name of ["query", "verdict", "kind", "language", "switch", "group", "sort"]) {
    controls[name] = $(name);
  }
  let shown = index.systems.map((_, system) => system);
  let found = utterances;
  let page = 0;

  const option = (parent, value, label) => {
    const element = document.createElement("option");
    element.value = value;
    element.textContent = label;
    parent.append(element);
  };

  const fillControls = () => {
    for (const operation of index.operations.slice(1)) option(controls.kind, operation, operation);
    for (const kind of [...index.kinds].sort()) option(controls.kind, kind, kind);
    index.languages.forEach((tag, number) => option(controls.language, number, tag || "no language"));
    index.fields.forEach((field, place) => {
      const group = document.createElement("optgroup");
      group.label = field;
      index.values[place].forEach((value, number) => option(group, `${place} ${number}`, value || "(none)"));
      controls.group.append(group);
    });
    controls.group.hidden = !index.fields.length;
    index.systems.forEach((name, system) => {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true, value: system });
      const text = document.createElement("bdi");
      text.textContent = name;
      label.append(box, " ", text);
      $("systems").append(label);
    });
  };

  const ofVerdict = {
    errors: (list) => list.some((s) => s.raw || s.numbers.length),
    modeling: (list) => list.some((s) => s.corrected),
    rendering: (list) => list.some((s) => s.numbers.length && edits(s.numbers).some((e) => e.operation === "rendering")),
    only: (list) => list.some((s) => s.raw && !s.corrected),
    correct: (list) => list.every((s) => !s.numbers.length),
    differ: (list) => list.some((s) => s.hypothesis !== list[0].hypothesis),
  };

  const editTest = () => {
    const kind = controls.kind.value, language = controls.language.value, atSwitch = controls.switch.checked;
    if (!kind && !language && !atSwitch) return null;
    const operation = index.operations.includes(kind);
    return (utterance, edit) => {
      if (kind && (operation ? edit.operation !== kind : edit.kind !== kind || edit.operation !== "rendering")) return false;
      const { start, end } = edit;
      if (language && !utterance.tags.slice(start, end).includes(Number(language))) return false;
      const near = atSwitch && (start < end ? nearSwitch(utterance).slice(start, end)
        : nearSwitch(utterance).slice(Math.max(0, start - 1), start + 1));
      return !near || near.includes(true);
    };
  };

  const doubt = (system) => {
    const sure = edits(system.numbers).filter((e) => e.probability !== null).map((e) => Math.abs(e.probability - 0.5));
    return sure.length ? Math.min(...sure) : 1;
  };
  const spread = (list) => Math.max(...list) - Math.min(...list);
  const most = (value) => (utterance, systems) => -Math.max(...systems.map((s) => value(s, utterance)));
  const sortKeys = {
    corrected: most((s) => s.corrected),
    rate: most((s, utterance) => s.corrected / Math.max(1, utterance.tags.length)),
    forgiven: most((s) => s.raw - s.corrected),
    doubt: (utterance, systems) => Math.min(...systems.map(doubt)),
    gap: (utterance, systems) => -spread(systems.map((s) => s.corrected)),
  };

  const apply = () => {
    const query = fold(controls.query.value.trim());
    const verdict = ofVerdict[controls.verdict.value];
    const test = editTest();
    const [field, value] = controls.group.value ? controls.group.value.split(" ").map(Number) : [];
    const visible = (utterance) => shown.map((system) => utterance.systems[system]);
    found = utterances.filter((utterance) =>
      (field === undefined || utterance.values[field] === value)
      && (!query || haystack(utterance).includes(query))
      && (!verdict || verdict(visible(utterance)))
      && (!test || visible(utterance).some((s) => edits(s.numbers).some((edit) => test(utterance, edit)))));
    const key = sortKeys[controls.sort.value];
    if (key) {
      const keys = new Map(found.map((utterance) => [utterance, key(utterance, visible(utterance))]));
      found.sort((left, right) => keys.get(left) - keys.get(right) || left.place - right.place);
    }
    page = 0;
    draw();
  };

  const boxes = () => [...document.querySelectorAll("#systems input")];
  const reset = () => {
    for (const control of Object.values(controls)) control.value = "";
    controls.switch.checked = false;
    for (const box of boxes()) box.checked = true;
    shown = index.systems.map((_, system) => system);
    apply();
  };

  // --- drawing -------------------------------------------------------------------------------

  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...children);
    return element;
  };

  const word = (text) => {
    const element = document.createElement("bdi");
    const query = fold(controls.query.value.trim());
    element.append(query && fold(text).includes(query) ? make("mark", "", text) : text);
    return element;
  };

  // Words that some system changed together stand together, so that the rows stay aligned.
  const layout = (size, lists) => {
    const joined = new Array(size + 1).fill(false);
    for (const list of lists) {
      for (const { start, end } of list) for (let at = start + 1; at < end; at++) joined[at] = true;
    }
    const blocks = [];
    for (let start = 0; start <= size; start++) {
      if (joined[start]) continue;
      const inserted = lists.map((list) => list.filter((edit) => edit.start === start && edit.end === start).length);
      for (let nth = 0; nth < Math.max(0, ...inserted); nth++) blocks.push({ start, end: start, gap: true, nth });
      let end = start + 1;
      while (end < size && joined[end]) end++;
      if (start < size) blocks.push({ start, end, gap: false });
    }
    return blocks;
  };

  const editsIn = (block, list) => {
    if (block.gap) return list.filter(({ start, end }) => start === end && start === block.start).slice(block.nth, block.nth + 1);
    return list.filter(({ start, end }) => start < end ? start >= block.start && end <= block.end
      : start > block.start && start < block.end);
  };

  const drawEdit = (edit, words, heard, system) => {
    const element = make("span", `e ${edit.operation}${edit.kind && edit.operation === "rendering" ? ` k-${edit.kind}` : ""}`);
    const left = words.slice(edit.start, edit.end).join(" "), right = heard.slice(edit.from, edit.to).join(" ");
    element.append(make("i", "", MARKS[edit.operation]), word(right || "∅"));
    element.tabIndex = 0;
    element.edit = { ...edit, left, right, system };
    element.setAttribute("aria-label",
      `${edit.operation}${edit.kind ? `, ${edit.kind}` : ""}: ${left || "nothing"} became ${right || "nothing"}. ${edit.evidence}`);
    return element;
  };

  const drawCell = (block, list, words, heard, system) => {
    const cell = make("span");
    let at = block.start;
    const same = (to) => {
      if (at < to) cell.append(word(words.slice(at, to).join(" ")), " ");
      at = to;
    };
    let changed = false;
    for (const edit of editsIn(block, list)) {
      same(edit.start);
      cell.append(drawEdit(edit, words, heard, system));
      at = edit.end;
      changed = true;
    }
    same(block.end);
    if (!changed) cell.className = "same";
    return cell;
  };

  const drawUtterance = (utterance) => {
    const words = split(utterance.reference);
    const systems = shown.map((system) => {
      const { hypothesis, numbers } = utterance.systems[system];
      return { system, list: edits(numbers), heard: split(hypothesis) };
    });
    const rows = make("div", "words");
    const letter = utterance.reference.match(FIRST_LETTER);
    rows.dir = letter && RTL.test(letter[0]) ? "rtl" : "ltr";
    const labels = make("div", "block labels", make("span", "", "reference"));
    for (const { system } of systems) labels.append(make("span", "", word(index.systems[system])));
    rows.append(labels);
    for (const block of layout(words.length, systems.map((each) => each.list))) {
      const column = make("div", "block");
      const top = make("span", "ref", word(words.slice(block.start, block.end).join(" ")));
      if (!block.gap) top.lang = index.languages[utterance.tags[block.start]];
      column.append(top);
      for (const { system, list, heard } of systems) column.append(drawCell(block, list, words, heard, system));
      rows.append(column);
    }
    const link = make("a", "", utterance.id);
    link.href = `#utt-${encodeURIComponent(utterance.id)}`;
    const about = make("div", "about", link);
    utterance.values.forEach((value, place) => {
      const text = index.values[place][value];
      if (text) about.append(make("span", "", `${index.fields[place]} `, make("bdi", "", text)));
    });
    for (const system of shown) {
      const { raw, corrected } = utterance.systems[system];
      const name = shown.length > 1 ? `${index.systems[system]}: ` : "";
      about.append(make("span", "", raw ? `${name}${raw} raw, ${corrected} modeling` : `${name}no error`));
    }
    const article = make("article", "utterance", about, rows);
    article.id = `utt-${utterance.id}`;
    return article;
  };

  const drawPages = () => {
    const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
    for (const nav of document.querySelectorAll(".pages")) {
      const step = (label, name, to, off) => {
        const button = make("button", "", label);
        button.type = "button";
        button.disabled = off;
        button.setAttribute("aria-label", name);
        button.onclick = () => { page = to; draw(); $("browser").scrollIntoView(); };
        return button;
      };
      nav.replaceChildren(
        step("«", "First page", 0, page === 0), step("‹", "Previous page", page - 1, page === 0),
        make("span", "", `page ${(page + 1).toLocaleString("en")} of ${(last + 1).toLocaleString("en")}`),
        step("›", "Next page", page + 1, page >= last), step("»", "Last page", last, page >= last));
      nav.hidden = last === 0;
    }
  };

  const draw = () => {
    $("shown").textContent = `${found.length.toLocaleString("en")} of ${utterances.length.toLocaleString("en")}`;
    $("list").replaceChildren(...found.slice(page * PAGE, (page + 1) * PAGE).map(drawUtterance));
    drawPages();
    hideTip();
  };

  // --- evidence ------------------------------------------------------------------------------

  const tip = $("tip");
  let explained = null;
  const hideTip = () => { tip.hidden = true; explained = null; };
  const showTip = (element) => {
    const { edit } = explained = element;
    const what = edit.operation === "rendering" ? `rendering · ${edit.kind}` : `modeling error · ${edit.operation}`;
    const sure = edit.probability === null ? "" : ` · p(same word) ${edit.probability.toFixed(2)}`;
    const cost = edit.operation === "rendering" ? ` · ${edit.errors} raw error${edit.errors === 1 ? "" : "s"} forgiven` : "";
    tip.replaceChildren(
      make("p", "pair", make("bdi", "", edit.left || "∅"), " → ", make("bdi", "", edit.right || "∅")),
      make("p", "verdict", what + sure + cost),
      make("p", "", make("bdi", "", edit.evidence || (edit.left && edit.right ? "too different to be judged" : ""))));
    tip.hidden = false;
    placeTip();
  };
  const placeTip = () => {
    if (!explained) return;
    const place = explained.getBoundingClientRect(), size = tip.getBoundingClientRect();
    const below = place.bottom + 6 + size.height < innerHeight;
    tip.style.top = `${below ? place.bottom + 6 : Math.max(4, place.top - size.height - 6)}px`;
    tip.style.left = `${Math.max(4, Math.min(place.left, innerWidth - size.width - 8))}px`;
  };
  const onEdit = (action) => (event) => {
    const element = event.target.closest?.(".e[tabindex]");
    if (element) action(element);
  };
  $("list").addEventListener("mouseover", onEdit(showTip));
  $("list").addEventListener("mouseout", onEdit(hideTip));
  $("list").addEventListener("focusin", onEdit(showTip));
  $("list").addEventListener("focusout", onEdit(hideTip));
  addEventListener("scroll", placeTip, { passive: true });

  // --- links, keys, theme --------------------------------------------------------------------

  const follow = () => {
    const id = location.hash.startsWith("#utt-") ? decodeURIComponent(location.hash.slice(5)) : null;
    const utterance = byId.get(id);
    if (!utterance) return;
    if (!found.includes(utterance)) reset();
    const target = Math.floor(found.indexOf(utterance) / PAGE);
    if (target !== page || !$(`utt-${id}`)) { page = target; draw(); }
    for (const old of document.querySelectorAll(".utterance.target")) old.classList.remove("target");
    $(`utt-${id}`).classList.add("target");
    $(`utt-${id}`).scrollIntoView();
  };

  let pause;
  controls.query.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(apply, 150); });
  $("filters").addEventListener("change", (event) => {
    if (event.target === controls.query) return;
    shown = boxes().filter((box) => box.checked).map((box) => Number(box.value));
    apply();
  });
  $("reset").addEventListener("click", () => reset());
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("changes").addEventListener("click", (event) => {
    const button = event.target.closest("button.find");
    if (!button) return;
    controls.kind.value = button.dataset.kind;
    controls.query.value = button.dataset.query;
    apply();
    $("browser").scrollIntoView();
  });
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTip();
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    controls.query.focus();
  });
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  $("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  fillControls();
  apply();
  follow();
})();
