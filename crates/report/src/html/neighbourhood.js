// Makes the drawn neighbourhoods of a page explorable. What is said stands in the page already: marks and
// edges in the drawing, facts in the table behind it. This script only shows, hides and moves it.
(function () {
  "use strict";

  const ZOOM = { least: 0.6, most: 6, step: 1.3 };
  const ALL_NAMES_FROM = 1.9;
  const CLICK_WITHIN = 4;
  const SVG = (svg, name, className) => {
    const element = document.createElementNS(svg.namespaceURI, name);
    element.setAttribute("class", className);
    return element;
  };
  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const day = (time) =>
    new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  document.querySelectorAll("svg[data-neighbourhood]").forEach((svg, number) => explore(svg, number));

  function explore(svg, number) {
    const figure = svg.closest("figure");
    const rows = figure.querySelector("table").tBodies[0].rows;
    const time = (element) => ("known" in element.dataset ? Number(element.dataset.known) : null);
    const things = Array.from(svg.querySelectorAll("g.thing"), (g, place) => {
      const cells = rows[place].cells;
      const [x, y] = [Number(g.dataset.x), Number(g.dataset.y)];
      const facts = cells[4].textContent.split("\n").filter((fact) => fact.includes(": "));
      return {
        g, place, x, y, home: [x, y], r: Number(g.dataset.r), known: time(g), shown: true, facts,
        label: cells[1].textContent, name: cells[2].textContent,
        text: svg.querySelector(`text[data-name="${place}"]`),
      };
    });
    const links = Array.from(svg.querySelectorAll("g.edge"), (g) => ({
      g, source: things[g.dataset.from], target: things[g.dataset.to], type: g.dataset.type, known: time(g),
      line: g.querySelector("line") || g.appendChild(SVG(svg, "line", "link")),
      head: g.querySelector("polygon") || g.appendChild(SVG(svg, "polygon", "head")), shown: true,
    }));
    const box = svg.viewBox.baseVal;
    const whole = { x: box.x, y: box.y, width: box.width, height: box.height };
    const view = Object.assign({}, whole);
    let chosen = null;

    // Names that did not fit the still drawing; seen when there is room.
    for (const thing of things) {
      if (thing.text) continue;
      thing.text = SVG(svg, "text", "node-name extra");
      thing.text.setAttribute("x", thing.x + thing.r + 3);
      thing.text.setAttribute("y", thing.y);
      thing.text.setAttribute("dy", "0.35em");
      thing.text.textContent = thing.name.length > 34 ? thing.name.slice(0, 33) + "…" : thing.name;
      svg.append(thing.text);
    }

    // --- Controls -------------------------------------------------------------------------------------
    const sorts = [...new Set(things.map((thing) => thing.label))];
    const shownSorts = new Set(sorts);
    const times = [...new Set([...things, ...links].map((each) => each.known).filter((at) => at !== null))];
    times.sort((a, b) => a - b);

    const explorer = make("div", "explorer");
    const bar = make("div", "explorer-bar");
    const panel = make("div", "explorer-panel");
    panel.setAttribute("aria-live", "polite");
    const status = make("p", "explorer-status");
    status.setAttribute("role", "status");

    const filter = make("fieldset", "explorer-filter");
    filter.append(make("legend", "", "Show"));
    const keys = figure.querySelectorAll(".legend li");
    sorts.forEach((sort, index) => {
      const label = make("label");
      const check = make("input");
      check.type = "checkbox";
      check.checked = true;
      check.addEventListener("change", () => {
        if (check.checked) shownSorts.add(sort);
        else shownSorts.delete(sort);
        sift();
      });
      label.append(check);
      const mark = keys[index] && keys[index].querySelector("svg");
      if (mark) label.append(mark.cloneNode(true));
      label.append(`${sort} (${things.filter((thing) => thing.label === sort).length})`);
      filter.append(label);
    });
    bar.append(filter);

    const slider = make("input");
    if (times.length > 1) {
      const label = make("label", "explorer-time", "As known on ");
      const output = make("output");
      slider.type = "range";
      slider.min = 0;
      slider.max = times.length - 1;
      slider.value = times.length - 1;
      const said = () => {
        output.textContent = day(times[slider.value]);
        slider.setAttribute("aria-valuetext", output.textContent);
      };
      slider.addEventListener("input", () => {
        said();
        sift();
      });
      said();
      label.append(output, slider);
      bar.append(label);
    }

    const buttons = make("div", "explorer-buttons");
    const button = (words, name, act) => {
      const element = make("button", "", words);
      element.type = "button";
      element.setAttribute("aria-label", name);
      element.title = name;
      element.addEventListener("click", act);
      buttons.append(element);
    };
    button("+", "Zoom in", () => zoom(1 / ZOOM.step));
    button("−", "Zoom out", () => zoom(ZOOM.step));
    button("Reset", "Reset places and zoom", reset);
    button("Rearrange", "Arrange what is shown anew", () => settle(0.9));
    bar.append(buttons);

    figure.querySelector(".legend").hidden = true;
    const holder = svg.parentElement;
    holder.before(bar);
    holder.before(explorer);
    explorer.append(holder, panel);
    explorer.after(status);
    figure.classList.add("explored");

    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", svg.getAttribute("aria-label") +
      ". Arrow keys move between nodes, Enter shows a node's facts, plus and minus zoom.");
    for (const thing of things) {
      thing.g.setAttribute("role", "button");
      thing.g.setAttribute("tabindex", thing.place === 0 ? "0" : "-1");
      thing.g.setAttribute("aria-label", `${thing.label}: ${thing.name}`);
    }

    // --- What is shown --------------------------------------------------------------------------------
    function sift() {
      const now = times.length > 1 ? times[slider.value] : Infinity;
      const held = (each) => each.known === null || each.known <= now;
      for (const thing of things) thing.shown = shownSorts.has(thing.label) && held(thing);
      for (const link of links) link.shown = held(link) && link.source.shown && link.target.shown;
      // What always held (a code, a practice) is part of the picture only once something refers to it.
      const tied = new Set(links.filter((link) => link.shown).flatMap((link) => [link.source, link.target]));
      for (const thing of things) {
        if (thing.known === null && thing.place !== 0 && !tied.has(thing)) thing.shown = false;
        show(thing.g, thing.shown);
        show(thing.text, thing.shown);
      }
      for (const link of links) show(link.g, link.shown);
      if (chosen && !chosen.shown) choose(null);
      const count = (all) => `${all.filter((each) => each.shown).length} of ${all.length}`;
      status.textContent = `Showing ${count(things)} nodes and ${count(links)} edges.`;
    }

    function show(element, shown) {
      if (shown) element.removeAttribute("display");
      else element.setAttribute("display", "none");
    }

    function place() {
      for (const thing of things) {
        const shift = `translate(${(thing.x - thing.home[0]).toFixed(2)} ${(thing.y - thing.home[1]).toFixed(2)})`;
        thing.g.setAttribute("transform", shift);
        thing.text.setAttribute("transform", shift);
      }
      for (const link of links) {
        const [from, to] = [link.source, link.target];
        const [dx, dy] = [to.x - from.x, to.y - from.y];
        const length = Math.hypot(dx, dy);
        const drawn = length > from.r + to.r + 2;
        show(link.line, drawn);
        show(link.head, drawn);
        if (!drawn) continue;
        const at = (along, across) =>
          [from.x + (dx * along - dy * across) / length, from.y + (dy * along + dx * across) / length];
        const [start, tip, neck] = [at(from.r, 0), at(length - to.r - 1.5, 0), length - to.r - 7];
        [["x1", start[0]], ["y1", start[1]], ["x2", tip[0]], ["y2", tip[1]]].forEach(([name, value]) =>
          link.line.setAttribute(name, value.toFixed(2)));
        link.head.setAttribute("points", [tip, at(neck, 2.6), at(neck, -2.6)].map((each) =>
          each.map((value) => value.toFixed(2)).join(",")).join(" "));
      }
    }

    // --- Choosing -------------------------------------------------------------------------------------
    function choose(thing) {
      chosen = thing;
      const near = new Set(thing ? [thing] : []);
      for (const link of links) {
        const touches = thing !== null && (link.source === thing || link.target === thing);
        link.g.classList.toggle("touching", touches);
        if (touches) near.add(link.source).add(link.target);
      }
      svg.classList.toggle("choosing", thing !== null);
      for (const each of things) {
        each.g.classList.toggle("near", near.has(each));
        each.text.classList.toggle("near", near.has(each));
        each.g.classList.toggle("chosen", each === thing);
        each.g.setAttribute("aria-pressed", String(each === thing));
      }
      describe(thing);
    }

    function describe(thing) {
      panel.replaceChildren();
      if (!thing) {
        panel.append(make("p", "hint", "Click a node, or move to it with the arrow keys and press Enter, to see " +
          "its facts. Drag a node to move it, the ground to pan; Ctrl and the wheel zoom."));
        return;
      }
      panel.append(make("h4", "", thing.name || thing.label));
      const list = make("dl");
      const fact = (name, value) => list.append(make("dt", "", name), make("dd", "", value));
      fact("Type", thing.label);
      if (thing.known !== null) fact("Known since", day(thing.known));
      for (const line of thing.facts) {
        const at = line.indexOf(": ");
        fact(line.slice(0, at), line.slice(at + 2));
      }
      panel.append(list);
      const ties = links.filter((link) => link.shown && (link.source === thing || link.target === thing));
      if (ties.length > 0) panel.append(make("h4", "", "Joined to"));
      const joined = make("ul");
      for (const link of ties) {
        const leaves = link.source === thing;
        const other = leaves ? link.target : link.source;
        const go = make("button", "", `${leaves ? "→" : "←"} ${other.name || other.label}`);
        go.type = "button";
        go.addEventListener("click", () => {
          choose(other);
          focus(other);
        });
        const item = make("li");
        item.append(go, make("span", "", link.type));
        joined.append(item);
      }
      panel.append(joined);
    }

    function focus(thing) {
      for (const each of things) each.g.setAttribute("tabindex", each === thing ? "0" : "-1");
      thing.g.focus({ preventScroll: true });
    }

    // --- Moving ---------------------------------------------------------------------------------------
    const simulation = d3.forceSimulation([]).stop().on("tick", place);

    function settle(heat) {
      const [nodes, ties] = [things.filter((thing) => thing.shown), links.filter((link) => link.shown)];
      simulation
        .nodes(nodes)
        .force("link", d3.forceLink(ties).distance(70).strength(0.5))
        .force("charge", d3.forceManyBody().strength(-420).distanceMax(600))
        .force("x", d3.forceX(whole.width / 2).strength(0.035))
        .force("y", d3.forceY(whole.height / 2).strength(0.07))
        .force("collide", d3.forceCollide((thing) => thing.r + 9));
      if (still()) {
        simulation.alpha(heat).tick(200);
        place();
      } else {
        simulation.alpha(heat).restart();
      }
    }

    function reset() {
      simulation.stop();
      Object.assign(view, whole);
      for (const thing of things) [thing.x, thing.y] = thing.home;
      look();
      place();
      choose(null);
    }

    function look() {
      svg.setAttribute("viewBox", [view.x, view.y, view.width, view.height].map((v) => v.toFixed(2)).join(" "));
      svg.classList.toggle("all-names", whole.width / view.width >= ALL_NAMES_FROM);
    }

    function zoom(factor, at) {
      const width = Math.min(Math.max(view.width * factor, whole.width / ZOOM.most), whole.width / ZOOM.least);
      const scale = width / view.width;
      const [x, y] = at || [view.x + view.width / 2, view.y + view.height / 2];
      Object.assign(view, {
        x: x - (x - view.x) * scale, y: y - (y - view.y) * scale, width, height: view.height * scale,
      });
      look();
    }

    const where = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return [point.x, point.y];
    };

    let drag = null;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const g = event.target.closest("g.thing");
      const thing = g ? things.find((each) => each.g === g) : null;
      drag = { thing, from: where(event), client: [event.clientX, event.clientY], moved: false };
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const far = Math.hypot(event.clientX - drag.client[0], event.clientY - drag.client[1]);
      if (!drag.moved && far < CLICK_WITHIN) return;
      const [x, y] = where(event);
      const { thing } = drag;
      if (!thing) {
        drag.moved = true;
        view.x -= x - drag.from[0];
        view.y -= y - drag.from[1];
        look();
      } else if (still()) {
        drag.moved = true;
        [thing.x, thing.y] = [x, y];
        place();
      } else {
        if (!drag.moved) settle(0.3);
        drag.moved = true;
        simulation.alphaTarget(0.2).restart();
        [thing.fx, thing.fy] = [x, y];
      }
    });
    const drop = (event) => {
      if (!drag) return;
      const { thing, moved } = drag;
      drag = null;
      simulation.alphaTarget(0);
      if (thing) thing.fx = thing.fy = null;
      if (event.type === "pointerup" && !moved) {
        choose(thing);
        if (thing) focus(thing);
      }
    };
    svg.addEventListener("pointerup", drop);
    svg.addEventListener("pointercancel", drop);
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 150)) * 0.4), where(event));
    }, { passive: false });

    const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    svg.addEventListener("keydown", (event) => {
      const thing = things.find((each) => each.g === event.target);
      const towards = DIRECTIONS[event.key];
      if (event.key === "+" || event.key === "=") zoom(1 / ZOOM.step);
      else if (event.key === "-") zoom(ZOOM.step);
      else if (event.key === "0") reset();
      else if (event.key === "Escape") choose(null);
      else if (thing && (event.key === "Enter" || event.key === " ")) choose(thing);
      else if (thing && towards) {
        const next = nearest(thing, towards);
        if (next) focus(next);
      } else return;
      event.preventDefault();
    });

    // The nearest in a direction; what lies aside counts as twice as far.
    function nearest(thing, [ux, uy]) {
      let best = null;
      for (const other of things) {
        if (!other.shown || other === thing) continue;
        const [dx, dy] = [other.x - thing.x, other.y - thing.y];
        const [along, aside] = [dx * ux + dy * uy, Math.abs(dx * uy - dy * ux)];
        const distance = along + 2 * aside;
        if (along > 0 && aside <= 2 * along && (best === null || distance < best.distance)) {
          best = { other, distance };
        }
      }
      return best && best.other;
    }

    panel.id = `explorer-panel-${number}`;
    sift();
    choose(null);
  }
})();
