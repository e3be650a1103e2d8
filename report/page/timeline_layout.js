// SPDX-License-Identifier: Apache-2.0
// What of a timeline is to be drawn in a window of time: with a hundred thousand events, bars narrower
// than a pixel are merged, so that a redraw costs by the pixel, not by the event.
duet.layoutTimeline = (timeline) => {
  const count = timeline.events.length / 5;
  const rows = [];   // {label, events: indices by start, reach: latest end so far}
  let row = [];
  const ends = new Float64Array(count);
  const starts = new Float64Array(count);
  const flush = (track) => {
    // Events that overlap go to further lanes of their track, at most six; what is left shares the last.
    const lanes = [];
    for (const index of row) {
      let lane = lanes.find((one) => one.end <= starts[index]);
      if (!lane && lanes.length < 6) lanes.push((lane = { end: 0, events: [] }));
      if (!lane) lane = lanes[lanes.length - 1];
      lane.events.push(index);
      lane.end = Math.max(lane.end, ends[index]);
    }
    lanes.forEach((lane, number) => {
      const reach = new Float64Array(lane.events.length);
      let latest = 0;
      lane.events.forEach((index, i) => { reach[i] = latest = Math.max(latest, ends[index]); });
      rows.push({ label: number === 0 ? timeline.tracks[track] : "", events: lane.events, reach });
    });
    row = [];
  };
  for (let i = 0; i < count; i++) {
    starts[i] = timeline.events[5 * i + 3];
    ends[i] = starts[i] + timeline.events[5 * i + 4];
    if (i > 0 && timeline.events[5 * i] !== timeline.events[5 * (i - 1)]) flush(timeline.events[5 * (i - 1)]);
    row.push(i);
  }
  if (count > 0) flush(timeline.events[5 * (count - 1)]);
  let end = 1;
  for (let i = 0; i < count; i++) end = Math.max(end, ends[i]);
  return { timeline, rows, starts, ends, end };
};

// Bars [row, begin_ps, end_ps, category, index or -1, merged events] that show in [begin, end).
duet.visibleBars = (layout, begin, end, pixels) => {
  const bars = [];
  const { timeline, starts, ends } = layout;
  const least = (end - begin) / Math.max(1, pixels);
  layout.rows.forEach(({ events, reach }, row) => {
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (reach[middle] > begin) high = middle; else low = middle + 1;
    }
    let merged = null;
    for (let i = low; i < events.length; i++) {
      const index = events[i];
      if (starts[index] >= end) break;
      const category = timeline.events[5 * index + 2];
      const narrow = ends[index] - starts[index] < 2 * least;
      if (narrow && merged && starts[index] - merged[2] < least && merged[3] === category) {
        merged[2] = Math.max(merged[2], ends[index]);
        merged[4] = -1;
        merged[5]++;
        continue;
      }
      const bar = [row, starts[index], ends[index], category, index, 1];
      bars.push(bar);
      merged = narrow ? bar : null;
    }
  });
  return bars;
};
