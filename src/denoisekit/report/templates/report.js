// The page works without this: it adds sorting to tables and starts the viewer.
"use strict";

const byId = (id) => document.getElementById(id);

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Tables: a click on a heading sorts by its column, a second one the other way round.

function sortable(table) {
  const body = table.tBodies[0];
  if (!table.tHead || body.rows.length < 2) return;
  Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
    const button = make("button", { type: "button" }, ...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortRows(body, column, descending ? -1 : 1);
    });
  });
}

function sortRows(body, column, direction) {
  const rows = Array.from(body.rows, (row) => ({ row, key: key(row.cells[column].textContent) }));
  rows.sort((a, b) => compare(a.key, b.key, direction));
  body.append(...rows.map((entry) => entry.row));
}

// "−0.30 dB (p = 0.1)" is −0.3, "1,200" is 1200, "< 0.001" is 0.001, "–" is nothing.
function key(text) {
  const plain = text.trim().replaceAll("−", "-").replace(/(\d),(?=\d{3})/g, "$1");
  if (plain === "" || plain === "–") return null;
  const number = /^[<>≈~]?\s*([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w-])/i.exec(plain);
  return number ? Number(number[1]) : plain;
}

// What is empty stays last in both directions; numbers come before words.
function compare(a, b, direction) {
  if (a === null || b === null) return (a === null) - (b === null);
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  const order = typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  return direction * order;
}

// Boxes that scroll can be reached by keyboard, and have a name.
function reachable() {
  for (const box of document.querySelectorAll(".scroll")) {
    const scrolls = box.scrollWidth > box.clientWidth + 1;
    if (!scrolls) {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      continue;
    }
    const name = box.querySelector("caption")?.textContent ?? box.querySelector("img")?.alt;
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", name.trim());
  }
}

// The viewer: every picture follows one view, which is kept in custom properties of its root.

const MAX_ZOOM = 16;
const STEP = 1.5;
const MOVE = 0.1;
const GRIP_PX = 24;
const NICE_UM = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];

function startViewer(root, data) {
  const stage = byId("viewer-stage");
  const divider = byId("viewer-divider");
  const switches = Array.from(root.querySelectorAll("input[data-map]"));
  const strip = byId("viewer-strip");
  const selects = { left: byId("viewer-left"), right: byId("viewer-right") };
  const seen = byId("viewer-seen");
  const plane = byId("viewer-plane");
  const images = {
    left: make("img", { id: "viewer-left-image", draggable: false }),
    right: make("img", { id: "viewer-right-image", draggable: false }),
  };
  const view = { zoom: 1, x: 0, y: 0 };
  let experiment = data.experiments[0];

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  function look(zoom, x, y) {
    view.zoom = clamp(zoom, 1, MAX_ZOOM);
    view.x = clamp(x, 1 - view.zoom, 0);
    view.y = clamp(y, 1 - view.zoom, 0);
    root.style.setProperty("--zoom", view.zoom);
    root.style.setProperty("--x", `${100 * view.x}%`);
    root.style.setProperty("--y", `${100 * view.y}%`);
    root.classList.toggle("zoomed", view.zoom > 1);
    byId("viewer-zoom").textContent = `${Number(view.zoom.toFixed(1))}×`;
    drawBar();
  }

  // Zoom so that a point of the box, in fractions of its sides, stays where it is.
  function zoomAt(factor, across, down) {
    const zoom = clamp(view.zoom * factor, 1, MAX_ZOOM);
    const ratio = zoom / view.zoom;
    look(zoom, across - (across - view.x) * ratio, down - (down - view.y) * ratio);
  }

  function drawBar() {
    const bar = root.querySelector(".bar");
    bar.hidden = !experiment.pixelSize;
    if (bar.hidden) return;
    const visible = (experiment.views[at()].width * experiment.pixelSize) / view.zoom;
    const length = NICE_UM.filter((um) => um <= 0.3 * visible).pop() ?? NICE_UM[0];
    bar.style.width = `${(100 * length) / visible}%`;
    bar.textContent = `${length} µm`;
  }

  function divide(percent) {
    const value = Math.round(clamp(percent, 0, 100));
    divider.value = value;
    root.style.setProperty("--divide", `${value}%`);
    divider.setAttribute(
      "aria-valuetext",
      `${value} % ${chosen("left").label}, ${100 - value} % ${chosen("right").label}`,
    );
  }

  const chosen = (side) => experiment.pictures[selects[side].selectedIndex];

  // Which view is seen: one of the planes of a volume, or a section along z.
  const planes = () => experiment.views.filter(({ section }) => !section).length;
  const at = () => (seen.selectedIndex > 0 ? planes() - 1 + seen.selectedIndex : Number(plane.value));

  // The kind of map that is switched to, of those that the experiment has.
  function kind() {
    return switches.find((box) => box.checked && !box.disabled)?.dataset.map;
  }

  function put(image, picture) {
    const { image: source, maps } = picture.views[at()];
    const map = maps[kind()];
    image.src = map ?? source;
    image.classList.toggle("map", map !== undefined);
    return map ? `${data.maps[kind()]} of ${picture.label}` : picture.label;
  }

  function show() {
    const { label: depth, width, height } = experiment.views[at()];
    root.style.setProperty("--shape", `${width} / ${height}`);
    plane.parentElement.hidden = planes() < 2 || seen.selectedIndex > 0;
    byId("viewer-depth").textContent = depth;
    const caption = depth ? `${experiment.caption}, ${depth}` : experiment.caption;
    for (const side of ["left", "right"]) {
      const picture = chosen(side);
      const image = images[side];
      image.alt = `${put(image, picture)}, ${experiment.name}, ${caption}`;
      const without = kind() && !(kind() in picture.views[at()].maps);
      root.querySelector(`.tag.${side}`).textContent = picture.label + (without ? " (image)" : "");
    }
    Array.from(strip.children).forEach((item, index) => {
      put(item.querySelector("img"), experiment.pictures[index]);
      const sides = ["left", "right"].filter((side) => index === selects[side].selectedIndex);
      item.firstElementChild.setAttribute("aria-pressed", sides.includes("right"));
      item.classList.toggle("is-left", sides.includes("left"));
      item.querySelector(".tag").textContent = sides.join(" and ");
    });
    root.querySelector(".scale").hidden = !kind();
    root.querySelector(".scale .top").textContent = experiment.tops[kind()] ?? "";
    const words = ["left", "right"].map((side) => {
      const { label, scores } = chosen(side);
      return `${side === "left" ? "Left" : "Right"}: ${label}${scores && ` (${scores})`}`;
    });
    byId("viewer-says").textContent =
      `${experiment.name}, ${caption}. ${words.join(". ")}.`;
    drawBar();
    divide(Number(divider.value));
  }

  function open(index) {
    const names = { left: selects.left.value, right: selects.right.value };
    const first = names.right === "" && !selects.right.options.length;
    experiment = data.experiments[index];
    const sections = experiment.views.filter(({ section }) => section);
    const short = sections.map(({ label }) => label.replace("section along z and ", "Along z, "));
    seen.replaceChildren(...["Planes", ...short].map((label) => new Option(label)));
    seen.parentElement.hidden = !sections.length;
    plane.max = planes() - 1;
    plane.value = experiment.first;
    for (const [side, select] of Object.entries(selects)) {
      const options = experiment.pictures.map(({ name, label }) => new Option(label, name));
      select.replaceChildren(...options);
      const kept = experiment.pictures.findIndex(({ name }) => name === names[side]);
      const methods = experiment.pictures.filter(({ name }) => name !== "").length;
      const told = experiment.pictures.findIndex(({ name }) => name === experiment.recommended);
      const start = side === "left" ? 0 : told < 0 ? methods - 1 : told;
      select.selectedIndex = first || kept < 0 ? start : kept;
    }
    strip.replaceChildren(...experiment.pictures.map(small));
    for (const box of switches) box.disabled = !(box.dataset.map in experiment.tops);
    show();
    look(1, 0, 0);
  }

  function small({ label, scores }, index) {
    const box = make("span", { className: "box" }, make("img", { alt: "", draggable: false }));
    const button = make("button", { type: "button" }, box, make("b", {}, label));
    if (scores) button.append(make("small", {}, scores));
    button.append(make("span", { className: "tag" }));
    const dragged = follow(button, box, () => false);
    button.addEventListener("click", () => {
      if (dragged()) return;
      selects.right.selectedIndex = index;
      show();
    });
    return make("li", {}, button);
  }

  // Drag to move, two fingers or the wheel to zoom; `grips` says whether a drag moves the divider.
  function follow(target, box, grips) {
    const pointers = new Map();
    let distance = 0;
    let gripped = false;
    const place = (event) => {
      const frame = box.getBoundingClientRect();
      return [
        (event.clientX - frame.left) / frame.width,
        (event.clientY - frame.top) / frame.height,
      ];
    };
    target.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button !== 0) return;
      if (!pointers.size) {
        distance = 0;
        gripped = grips(place(event)[0], box.clientWidth);
      }
      pointers.set(event.pointerId, place(event));
    });
    target.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const [across, down] = place(event);
      pointers.set(event.pointerId, [across, down]);
      distance += Math.hypot(across - before[0], down - before[1]) * box.clientWidth;
      if (distance > 4 && !target.hasPointerCapture(event.pointerId)) {
        target.setPointerCapture(event.pointerId);
      }
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
        zoomAt(apart([across, down]) / Math.max(apart(before), 0.01), other[0], other[1]);
      } else if (gripped) {
        divide(100 * across);
      } else {
        look(view.zoom, view.x + across - before[0], view.y + down - before[1]);
      }
    });
    for (const name of ["pointerup", "pointercancel"]) {
      target.addEventListener(name, (event) => pointers.delete(event.pointerId));
    }
    target.addEventListener("pointerleave", (event) => {
      if (!target.hasPointerCapture(event.pointerId)) pointers.delete(event.pointerId);
    });
    // The wheel scrolls the page until the viewer has been clicked or focused.
    target.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !root.contains(document.activeElement)) return;
        event.preventDefault();
        zoomAt(Math.exp(-clamp(event.deltaY, -100, 100) / 250), ...place(event));
      },
      { passive: false },
    );
    return () => distance > 4;
  }

  const keys = {
    "+": () => zoomAt(STEP, 0.5, 0.5),
    "=": () => zoomAt(STEP, 0.5, 0.5),
    "-": () => zoomAt(1 / STEP, 0.5, 0.5),
    0: () => look(1, 0, 0),
    ArrowUp: () => look(view.zoom, view.x, view.y + MOVE),
    ArrowDown: () => look(view.zoom, view.x, view.y - MOVE),
    ArrowLeft: () => sideways(1),
    ArrowRight: () => sideways(-1),
  };

  // Where there is nothing to move to, the arrow keys move the divider.
  function sideways(sign) {
    if (view.zoom > 1) look(view.zoom, view.x + sign * MOVE, view.y);
    else divide(Number(divider.value) - 2 * sign);
  }

  stage.addEventListener("keydown", (event) => {
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (vertical && view.zoom === 1) return;
    event.preventDefault();
    keys[event.key]();
  });
  follow(stage, stage, (across, width) => {
    const near = Math.abs(across - Number(divider.value) / 100) * width < GRIP_PX;
    return near || view.zoom === 1;
  });
  divider.addEventListener("input", () => divide(Number(divider.value)));
  for (const box of switches) {
    box.addEventListener("change", () => {
      for (const other of switches) other.checked = other === box && box.checked;
      show();
    });
  }
  for (const select of Object.values(selects)) select.addEventListener("change", show);
  plane.addEventListener("input", show);
  seen.addEventListener("change", () => {
    show();
    look(1, 0, 0);
  });
  byId("viewer-in").addEventListener("click", keys["+"]);
  byId("viewer-out").addEventListener("click", keys["-"]);
  byId("viewer-whole").addEventListener("click", keys[0]);
  stage.prepend(images.left);
  stage.querySelector(".over").append(images.right);
  const list = byId("viewer-experiment");
  list.append(...data.experiments.map(({ label }) => new Option(label)));
  list.addEventListener("change", () => open(list.selectedIndex));
  root.hidden = false;
  open(0);
}

// On paper nothing can be unfolded: all is, and afterwards what was folded is so again.
function unfold() {
  const folded = document.querySelectorAll("details:not([open])");
  for (const details of folded) details.open = true;
  const fold = () => folded.forEach((details) => (details.open = false));
  addEventListener("afterprint", fold, { once: true });
}

// What a link leads to is unfolded, and so is all that it lies in.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const inside = target.querySelector(":scope > details");
  if (inside) inside.open = true;
  for (let at = target; (at = at.parentElement?.closest("details")); ) at.open = true;
  target.scrollIntoView();
}

// Where there is little room, verdicts come first and what they rest on is folded.
if (matchMedia("(max-width: 60rem)").matches) {
  for (const why of document.querySelectorAll(".why")) why.open = false;
}
document.querySelectorAll("table").forEach(sortable);
startViewer(byId("viewer-app"), JSON.parse(byId("viewer-data").textContent));
reachable();
addEventListener("resize", reachable);
addEventListener("hashchange", reveal);
document.querySelector("nav").addEventListener("click", () => setTimeout(reveal));
addEventListener("beforeprint", unfold);
document.addEventListener("toggle", reachable, true);
reveal();
