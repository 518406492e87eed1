"use strict";
// The page's own behaviour: windows by button, a legend that folds, a price scale that fits what is
// shown, labels at the right edge that never lie on each other and are never cut, narrow screens,
// light and dark paper. Everything else is plotly.
(function () {
  const figure = JSON.parse(document.getElementById("figure").textContent);
  const plot = document.getElementById("plot");
  const labels = document.getElementById("labels");
  const meta = figure.layout.meta;
  const candles = figure.data.find((trace) => trace.type === "candlestick");
  const legs = figure.data.filter((trace) => trace.name === "stop" || trace.name === "target");
  const legend = document.getElementById("legend");
  const LABEL_GAP = 13, LABEL_AT = 15, LABEL_EDGE = 4;
  // A phone: no profile beside the bars, short tags, smaller letters.
  const NARROW = 600, NARROW_LABELS = 0.42, WIDE_LABELS = 0.3;
  const WIDE = { domain: figure.layout.xaxis.domain, profile: figure.layout.xaxis2.domain,
    tags: figure.layout.annotations };
  let busy = false, narrow = false;

  const time = (text) => Date.parse(text.replace(" ", "T") + "Z");
  const times = candles.x.map(time);

  function lowest(range) {
    const [first, last] = range.map((value) => typeof value === "string" ? time(value.slice(0, 16)) : value);
    let low = Infinity, high = -Infinity;
    times.forEach((at, i) => {
      if (at >= first && at <= last) {
        low = Math.min(low, candles.low[i]);
        high = Math.max(high, candles.high[i]);
      }
    });
    // A bracket that was in force in the window belongs into it.
    for (const leg of legs) {
      leg.x.forEach((at, i) => {
        if (at !== null && i % 3 === 0 && time(at) <= last && time(leg.x[i + 1] || at) >= first) {
          low = Math.min(low, leg.y[i]);
          high = Math.max(high, leg.y[i]);
        }
      });
    }
    return low < high ? [low, high] : null;
  }

  function step(size) {
    return meta.steps.find((each) => size / each <= 14) || meta.steps[meta.steps.length - 1];
  }

  function fitted(range) {
    const found = lowest(range);
    if (!found) return {};
    const room = (found[1] - found[0]) * 0.05 || 1;
    const low = found[0] - room, high = found[1] + room;
    return { "yaxis.range": [low, high], "yaxis.dtick": step(high - low) };
  }

  function show(window) {
    Plotly.relayout(plot, { "xaxis.range": window.slice(), ...fitted(window) });
  }

  function spread(wanted, gap, low, high) {
    // The same as docs/tools/label_spread.py: groups that touch are centred on what they want.
    const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
    gap = Math.min(gap, (high - low) / Math.max(order.length, 1));
    const begin = (group) => {
      const mean = group.reduce((sum, each) => sum + each, 0) / group.length;
      return Math.max(low, Math.min(mean, high - gap * (group.length - 1)));
    };
    const groups = [];
    for (const i of order) {
      let group = [wanted[i]];
      while (groups.length && begin(groups.at(-1)) + gap * groups.at(-1).length > begin(group)) {
        const before = groups.pop();
        group = before.concat(group.map((each) => each - gap * before.length));
      }
      groups.push(group);
    }
    const places = groups.flatMap((group) => group.map((_, n) => begin(group) + gap * n));
    const found = [];
    order.forEach((i, n) => { found[i] = places[n]; });
    return found;
  }

  function svg(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function inForce() {
    const [low, high] = plot._fullLayout.yaxis.range, byPrice = new Map();
    for (const trace of plot._fullData) {
      if (!trace.meta || !trace.meta.levels || trace.visible !== true) continue;
      for (const [name, price, text] of trace.meta.levels) {
        if (price < low || price > high) continue;
        const found = byPrice.get(price) || { names: [], text, price, colour: trace.meta.colour || trace.line.color };
        found.names.push(name);
        byPrice.set(price, found);
      }
    }
    return [...byPrice.values()];
  }

  function written(each, room) {
    // Levels at one price share a label while it is whole; where it would be cut, each has its own.
    const text = (names) => svg("text", { "data-price": each.price }, `${names.join(" · ")} ${each.text}`);
    const whole = text(each.names);
    labels.append(whole);
    if (each.names.length === 1 || whole.getComputedTextLength() <= room) return [whole];
    whole.remove();
    const parts = each.names.map((name) => text([name]));
    labels.append(...parts);
    return parts;
  }

  function place() {
    const axis = plot._fullLayout.yaxis, x = plot._fullLayout.xaxis;
    const room = plot.clientWidth * (narrow ? NARROW_LABELS : WIDE_LABELS) - LABEL_AT - LABEL_EDGE;
    labels.replaceChildren();
    const shown = inForce().flatMap((each) => written(each, room).map((text) => ({ ...each, text })));
    const top = axis._offset, bottom = axis._offset + axis._length;
    const wanted = shown.map((each) => top + axis.d2p(each.price));
    const places = spread(wanted, LABEL_GAP, top, bottom);
    const right = x._offset + x._length;
    shown.forEach((each, i) => {
      each.text.setAttribute("x", right + LABEL_AT);
      each.text.setAttribute("y", places[i] + 4);
      labels.append(svg("path", { d: `M${right} ${wanted[i]}L${right + 12} ${places[i]}`, stroke: each.colour, fill: "none" }));
    });
    // The margin follows the labels: it grows at once, and shrinks when much of it is empty.
    const longest = Math.max(0, ...shown.map((each) => each.text.getComputedTextLength()));
    const need = Math.ceil(longest) + LABEL_AT + LABEL_EDGE, have = plot.layout.margin.r;
    if (need > have || need < have - 40) Plotly.relayout(plot, { "margin.r": need });
  }

  function fit() {
    // Called when the width may have passed the border between wide and narrow.
    const is = plot.clientWidth < NARROW;
    if (is === narrow) return null;
    narrow = is;
    legend.open = !narrow;
    const size = narrow ? 10 : 12;
    const change = { "margin.l": narrow ? 46 : 62, "yaxis.tickformat": narrow ? ".0f" : figure.layout.yaxis.tickformat, "xaxis.domain": narrow ? [0, 1] : WIDE.domain,
      "xaxis2.domain": narrow ? [0, 0.001] : WIDE.profile, "font.size": size,
      annotations: narrow ? WIDE.tags.map(shortened) : WIDE.tags };
    const beside = figure.data.flatMap((trace, i) => trace.xaxis === "x2" ? [i] : []);
    document.body.dataset.narrow = String(narrow);
    if (beside.length) Plotly.restyle(plot, { visible: !narrow }, beside);
    return Plotly.relayout(plot, change);
  }

  function shortened(tag, i) {
    const short = meta.short_tags[i];
    return { ...tag, text: short ? `<b>${short}</b>` : tag.text,
      ...("ax" in tag ? { ax: Math.max(-24, Math.min(24, tag.ax)) } : {}) };
  }

  function swatch(trace) {
    const first = (value) => Array.isArray(value) ? value[0] : value;
    const line = trace.mode !== "markers" && trace.line && trace.line.color;
    return line || first(trace.marker && trace.marker.color) || trace.fillcolor || "currentColor";
  }

  function fillLegend() {
    // A button a group: it can be reached by keyboard, and wraps and folds as the page does.
    const groups = new Map();
    figure.data.forEach((trace, i) => {
      const key = trace.legendgroup || trace.name;
      const group = groups.get(key) || { traces: [], shown: null };
      group.traces.push(i);
      if (!group.shown && trace.showlegend !== false) group.shown = trace;
      groups.set(key, group);
    });
    const list = document.createElement("div");
    for (const { traces, shown } of groups.values()) {
      if (!shown) continue;
      const button = document.createElement("button");
      const mark = document.createElement("i");
      mark.style.background = swatch(shown);
      button.append(mark, shown.name);
      button.dataset.beside = String(shown.xaxis === "x2");
      button.setAttribute("aria-pressed", String((shown.visible ?? true) === true));
      button.onclick = () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        Plotly.restyle(plot, { visible: on ? true : "legendonly" }, traces);
      };
      list.append(button);
    }
    legend.append(list);
    legend.querySelector("summary").textContent = `Legend (${list.children.length})`;
  }

  function paint(theme) {
    document.documentElement.dataset.theme = theme;
    const style = getComputedStyle(document.documentElement);
    const [ink, line] = ["--ink", "--line"].map((name) => style.getPropertyValue(name).trim());
    const paper = style.getPropertyValue("--paper").trim();
    const change = { "paper_bgcolor": paper, "plot_bgcolor": paper, "font.color": ink, "hoverlabel.bgcolor": paper, "hoverlabel.bordercolor": line,
      "hoverlabel.font.color": ink, "hoverlabel.align": "left" };
    for (const axis of ["xaxis", "yaxis", "yaxis2", "yaxis3", "yaxis4", "yaxis5"]) {
      change[`${axis}.gridcolor`] = line;
      change[`${axis}.spikecolor`] = ink;
    }
    return Plotly.relayout(plot, change);
  }

  function read(event) {
    // The minute and the price under the pointer, as a terminal's data box has them.
    const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
    const x = event.clientX - box.left - xaxis._offset, y = event.clientY - box.top - yaxis._offset;
    if (x < 0 || x > xaxis._length) return;
    const at = xaxis.p2c(x);
    let nearest = 0;
    times.forEach((each, i) => { if (Math.abs(each - at) < Math.abs(times[nearest] - at)) nearest = i; });
    const price = y >= 0 && y <= yaxis._length ? ` · pointer ${yaxis.p2c(y).toFixed(meta.decimals)}` : "";
    document.getElementById("reading").textContent = candles.meta.readings[nearest] + price;
  }

  function onRelayout(change) {
    if (busy) return;
    const x = plot.layout.xaxis.range, y = plot.layout.yaxis.range;
    const moved = Object.keys(change).some((key) => key.startsWith("xaxis.range") || key === "xaxis.autorange");
    const priced = Object.keys(change).some((key) => key.startsWith("yaxis.range"));
    let next = {};
    if (moved && !priced) next = fitted(x);
    else if (priced) next = { "yaxis.dtick": step(y[1] - y[0]) };
    if (!Object.keys(next).length) return;
    busy = true;
    Plotly.relayout(plot, next).then(() => { busy = false; });
  }

  const config = { responsive: true, scrollZoom: true, displaylogo: false, doubleClick: false,
    showSendToCloud: false, plotlyServerURL: "",
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d", "resetScale2d"] };
  Object.assign(figure.layout.yaxis, { range: fitted(figure.layout.xaxis.range)["yaxis.range"],
    dtick: fitted(figure.layout.xaxis.range)["yaxis.dtick"] });
  Plotly.newPlot(plot, figure.data, figure.layout, config).then(() => {
    const nav = document.querySelector("nav");
    for (const [name, window] of meta.windows) {
      const button = document.createElement("button");
      button.textContent = name;
      button.onclick = () => show(window);
      nav.append(button);
    }
    const paper = document.createElement("button");
    paper.textContent = "light / dark";
    paper.onclick = () => paint(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    nav.append(paper);
    fillLegend();
    plot.on("plotly_relayout", onRelayout);
    plot.on("plotly_afterplot", place);
    plot.on("plotly_relayouting", place);
    plot.addEventListener("mousemove", read);
    plot.on("plotly_doubleclick", () => show(meta.windows[0][1]));
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    let before = dark ? "dark" : "light";
    window.addEventListener("beforeprint", () => {
      before = document.documentElement.dataset.theme;
      paint("light");
      Plotly.Plots.resize(plot);
    });
    window.addEventListener("afterprint", () => { paint(before); Plotly.Plots.resize(plot); });
    window.addEventListener("resize", fit);
    return paint(before);
  }).then(fit).then(() => {
    place();
    document.documentElement.dataset.drawn = String(plot._fullData.length);
  });
})();
