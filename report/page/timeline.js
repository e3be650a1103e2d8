// SPDX-License-Identifier: Apache-2.0
// Timeline with zoom by buttons, keys, the slider, dragging, and the wheel with Ctrl.
duet.timelineState = new Map();  // element -> {layout, begin, end}

duet.timelineStateOf = (element, timeline) => {
  if (!duet.timelineState.has(element)) {
    const layout = duet.layoutTimeline(timeline);
    duet.timelineState.set(element, { layout, begin: 0, end: layout.end });
  }
  return duet.timelineState.get(element);
};

// Loads go from pale to dark, whatever else is on the timeline.
duet.loadColours = { "load below 1/3": "#f2c9a5", "load 1/3 to 2/3": "#e08e5a", "load above 2/3": "#b3402a" };
duet.categoryColours = (timeline) => {
  const palette = duet.palette();
  let next = 0;
  return timeline.categories.map((name) => duet.loadColours[name] || palette[next++ % palette.length]);
};

// On a phone only the last level of a track's name has room.
duet.trackLabel = (name, element) => (element.clientWidth < 520 ? name.replace(/^.*\./, "") : name);

duet.timelineSeries = (element) => {
  const { layout, begin, end } = duet.timelineState.get(element);
  const { timeline } = layout;
  const labels = Math.min(230, Math.max(70, element.clientWidth * 0.24));
  // Above some thousand bars, coarser merging keeps a redraw below a frame or two.
  let pixels = Math.max(100, element.clientWidth - labels);
  let bars = duet.visibleBars(layout, begin, end, pixels);
  while (bars.length > 6000 && pixels > 100) {
    pixels /= 2;
    bars = duet.visibleBars(layout, begin, end, pixels);
  }
  element.dataset.bars = bars.length;
  const colours = duet.categoryColours(timeline);
  return {
    id: "bars", type: "custom", animation: false, clip: true, encode: { x: [1, 2], y: 0 }, data: bars,
    renderItem: (parameters, api) => {
      const row = api.value(0);
      const from = api.coord([api.value(1), row]);
      const to = api.coord([api.value(2), row]);
      const area = parameters.coordSys;
      const height = Math.max(2, api.size([0, 1])[1] * 0.72);
      const x = Math.max(from[0], area.x);
      const right = Math.min(to[0], area.x + area.width);
      if (right < area.x || x > area.x + area.width) return null;
      const width = Math.max(0.8, right - x);
      // Bars that are drawn in parts are not clipped by the chart.
      const y = Math.max(from[1] - height / 2, area.y);
      const shown = Math.min(from[1] + height / 2, area.y + area.height) - y;
      if (shown <= 0) return null;
      const rectangle = { type: "rect", shape: { x, y, width, height: shown }, style: { fill: colours[api.value(3)] } };
      if (width < 60 || shown < 11) return rectangle;
      rectangle.textContent = { type: "text", style: { text: api.value(4) < 0 ? "" : timeline.names[timeline.events[5 * api.value(4) + 1]], fill: duet.colour("on-bar"), fontSize: 11, width: width - 6, overflow: "truncate" } };
      rectangle.textConfig = { position: "insideLeft", distance: 4 };
      return rectangle;
    },
  };
};

duet.drawings.timeline = (element, { phase }) => {
  const timeline = phase && phase.timeline;
  if (!timeline || !timeline.events || timeline.events.length === 0) return null;
  const state = duet.timelineStateOf(element, timeline);
  const { layout } = state;
  const labels = Math.min(230, Math.max(70, element.clientWidth * 0.24));
  const shownRows = Math.min(layout.rows.length, 48);
  duet.setHeight(element, 110 + Math.max(14, Math.min(26, 300 / shownRows)) * shownRows);
  const option = duet.base();
  const slider = {
    type: "slider", height: 22, bottom: 6, borderColor: duet.colour("line"), textStyle: { color: duet.colour("text") }, showDataShadow: false, brushSelect: false,
  };
  const ps = (value) => duet.si(value * 1e-12, "s");
  option.tooltip.formatter = ({ data }) => {
    const [row, begin, end, category, index, merged] = data;
    let track = row;
    while (track > 0 && !layout.rows[track].label) track--;
    const name = index < 0 ? `${merged} events` : timeline.names[timeline.events[5 * index + 1]];
    return `${name} (${timeline.categories[category]})\n${layout.rows[track].label}\nfrom ${ps(begin)}\n${index < 0 ? "over" : "for"} ${ps(end - begin)}`;
  };
  option.legend = { show: false };
  option.grid = { left: labels, right: layout.rows.length > shownRows ? 44 : 16, top: 30, bottom: 58 };
  option.xAxis = { type: "value", min: 0, max: layout.end, ...duet.axisStyle() };
  option.xAxis.axisLabel.formatter = (value) => duet.siAxis(Number(value.toPrecision(6)) * 1e-12, "s");
  option.yAxis = { type: "category", inverse: true, data: layout.rows.map((row) => duet.trackLabel(row.label, element)), ...duet.axisStyle(), axisTick: { show: false } };
  option.yAxis.axisLabel = { color: duet.colour("text"), width: labels - 14, overflow: "truncate", fontSize: 11, interval: (index, label) => label !== "" };
  option.dataZoom = [
    { ...slider, id: "time", xAxisIndex: 0, filterMode: "none", startValue: state.begin, endValue: state.end, labelFormatter: (value) => ps(value) },
    { type: "inside", id: "drag", xAxisIndex: 0, filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, preventDefaultMouseMove: false },
  ];
  if (layout.rows.length > shownRows) {
    option.dataZoom.push({ ...slider, id: "rows", bottom: undefined, height: undefined, width: 18, right: 8, yAxisIndex: 0, filterMode: "none", startValue: 0, endValue: shownRows - 1, zoomLock: true, showDetail: false });
  }
  option.series = [duet.timelineSeries(element)];
  duet.timelineLegend(element, timeline);
  return option;
};

duet.timelineLegend = (element, timeline) => {
  const figure = element.closest("figure");
  let legend = figure.querySelector(".categories");
  if (!legend) {
    legend = document.createElement("ul");
    legend.className = "categories";
    element.before(legend);
  }
  const colours = duet.categoryColours(timeline);
  legend.replaceChildren(...timeline.categories.map((name, index) => {
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.style.background = colours[index];
    item.append(swatch, name || "other");
    return item;
  }));
};

duet.zoomTimeline = (element, action) => {
  const state = duet.timelineState.get(element);
  const full = state.layout.end;
  const middle = (state.begin + state.end) / 2;
  let width = state.end - state.begin;
  let begin = state.begin;
  if (action === "in") width = Math.max(100, width / 2.5);
  if (action === "out") width = Math.min(full, width * 2.5);
  if (action === "in" || action === "out") begin = middle - width / 2;
  if (action === "left") begin -= width / 3;
  if (action === "right") begin += width / 3;
  if (action === "all") { begin = 0; width = full; }
  begin = Math.min(Math.max(0, begin), full - width);
  duet.charts.get(element).chart.dispatchAction({ type: "dataZoom", dataZoomId: "time", startValue: begin, endValue: begin + width });
};

duet.attachments.timeline = (element, chart) => {
  const state = duet.timelineState.get(element);
  const container = element.closest(".timeline");
  const output = container && container.querySelector("output");
  const announce = () => {
    if (output) output.textContent = `${duet.si(state.begin * 1e-12, "s")} to ${duet.si(state.end * 1e-12, "s")}`;
  };
  let pending = 0;
  chart.on("datazoom", () => {
    const zoom = chart.getOption().dataZoom[0];
    if (zoom.startValue === state.begin && zoom.endValue === state.end) return;
    state.begin = zoom.startValue;
    state.end = zoom.endValue;
    announce();
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => chart.setOption({ series: [duet.timelineSeries(element)] }));
  });
  announce();
  if (container) {
    container.querySelector(".zoom").hidden = false;
    for (const button of container.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => duet.zoomTimeline(element, button.dataset.zoom));
    }
  }
  element.tabIndex = 0;
  const keys = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", 0: "all" };
  element.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    duet.zoomTimeline(element, keys[event.key]);
  });
};
