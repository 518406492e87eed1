"use strict";
// The page's own behaviour: windows by button, a price scale that fits what is shown, labels at the
// right edge that never lie on each other, light and dark paper. Everything else is plotly.
(function () {
  const figure = JSON.parse(document.getElementById("figure").textContent);
  const plot = document.getElementById("plot");
  const labels = document.getElementById("labels");
  const meta = figure.layout.meta;
  const candles = figure.data.find((trace) => trace.type === "candlestick");
  const legs = figure.data.filter((trace) => trace.name === "stop" || trace.name === "target");
  const LABEL_GAP = 13;
  let busy = false;

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
    // The same as services/review/chart/label_spread.py: groups that touch are centred on what they want.
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

  function place() {
    const axis = plot._fullLayout.yaxis, x = plot._fullLayout.xaxis;
    const [low, high] = axis.range, byPrice = new Map();
    for (const trace of plot._fullData) {
      if (!trace.meta || !trace.meta.levels || trace.visible !== true) continue;
      for (const [name, price, text] of trace.meta.levels) {
        if (price < low || price > high) continue;
        const found = byPrice.get(price) || { names: [], text, price, colour: trace.meta.colour || trace.line.color };
        found.names.push(name);
        byPrice.set(price, found);
      }
    }
    const shown = [...byPrice.values()];
    const top = axis._offset, bottom = axis._offset + axis._length;
    const wanted = shown.map((each) => top + axis.d2p(each.price));
    const places = spread(wanted, LABEL_GAP, top, bottom);
    const right = x._offset + x._length;
    labels.replaceChildren(...shown.flatMap((each, i) => [
      svg("path", { d: `M${right} ${wanted[i]}L${right + 12} ${places[i]}`, stroke: each.colour, fill: "none" }),
      svg("text", { x: right + 15, y: places[i] + 4, fill: each.colour }, `${each.names.join(" ")} ${each.text}`),
    ]));
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
    return paint(before);
  }).then(() => {
    place();
    document.documentElement.dataset.drawn = String(plot._fullData.length);
  });
})();
