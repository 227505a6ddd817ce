// The points of a map as unpacked from the page, and the ways to colour them.
embmon.points = function points(map) {
  const panels = map.panels.map((panel) => ({ x: embmon.places(panel.x), y: embmon.places(panel.y) }));
  const n = panels[0].x.length;
  const found = {
    n, panels, names: map.names, rows: Array.from({ length: n }, (_, i) => i), clusters: map.clusters || [],
    split: map.split ? embmon.bytes(map.split) : null,
    cluster: map.cluster ? embmon.bytes(map.cluster) : null,
    steps: map.novelty || map.moved || null,
    stepName: map.novelty ? "novelty" : "moved",
    time: map.time ? { values: embmon.bytes(map.time.values), ends: map.time.ends } : null,
    columns: (map.columns || []).map((column) => ({ ...column, values: embmon.bytes(column.values) })),
  };
  found.values = found.steps ? embmon.bytes(found.steps.values) : null;
  found.windows = map.windows ? { ...map.windows, values: embmon.bytes(map.windows.values) } : null;
  found.near = map.near ? { each: map.near.each, sides: map.near.sides.map(embmon.numbers) } : null;
  const told = new Map(map.rows.at.map((at, i) => [at, i]));
  found.clusterId = (i) => (found.cluster && found.cluster[i] !== 255 ? found.clusters[found.cluster[i]].id : null);
  // Steps 0 and 254 hold all that lies beyond the ends of the scale.
  found.novelty = function novelty(i) {
    const [low, high] = found.steps.ends, step = found.values[i];
    const side = step === 254 ? "at least " : step === 0 ? "at most " : "";
    return side + embmon.short(low + (step / 254) * (high - low));
  };
  found.words = function words(i) {
    const at = told.get(i);
    const lines = [];
    if (found.split) lines.push(found.split[i] === 1 ? "current" : "reference");
    if (found.cluster && found.cluster[i] !== 255) lines.push(found.clusters[found.cluster[i]].label);
    if (found.values && found.values[i] !== 255) {
      lines.push(found.stepName === "novelty" ? "novelty " + found.novelty(i) : "moved more than " + Math.min(99, Math.round((found.values[i] / 254) * 100)) + " % of rows");
    }
    found.columns.forEach((column) => {
      if (column.values[i] !== 255) lines.push(column.name + " " + column.names[column.values[i]]);
    });
    if (at !== undefined && map.rows.id[at]) lines.push("id " + map.rows.id[at]);
    return { head: at === undefined ? "Text not kept on this page" : map.rows.text[at] || map.rows.id[at] || "No text", lines };
  };
  found.text = (i) => (told.has(i) ? map.rows.text[told.get(i)] || map.rows.id[told.get(i)] : "");
  found.id = (i) => (told.has(i) ? map.rows.id[told.get(i)] : "");
  return found;
};

// Seven steps of a scale from its least to its most; `words` names both ends.
embmon.stepGroups = function stepGroups(rows, values, words) {
  const bins = 7;
  const bin = (i) => Math.min(bins - 1, Math.floor((values[i] / 255) * bins));
  const groups = Array.from({ length: bins }, (_, k) => ({
    key: "v" + k, text: k === 0 ? words[0] : k === bins - 1 ? words[1] : "step " + (k + 1), colour: "v" + (k + 1),
    rows: rows.filter((i) => values[i] !== 255 && bin(i) === k),
  }));
  return [{ key: "none", text: "", colour: "other", rows: rows.filter((i) => values[i] === 255) }, ...groups];
};

embmon.colourings = function colourings(points) {
  const { rows, split, cluster, clusters, values, steps } = points;
  const found = {};
  if (split) found.split = { groups: [
    { key: "0", text: "reference", colour: "ref", rows: rows.filter((i) => split[i] === 0) },
    { key: "1", text: "current", colour: "cur", symbol: "diamond", rows: rows.filter((i) => split[i] === 1) },
  ] };
  if (cluster) {
    const named = clusters.map((topic, rank) => ({
      key: "t" + rank, id: topic.id, text: rank < 8 ? topic.label : "", colour: rank < 8 ? "c" + (rank + 1) : "other",
      rows: rows.filter((i) => cluster[i] === rank),
    }));
    const rest = { key: "none", id: null, text: "", colour: "other", rows: rows.filter((i) => cluster[i] === 255) };
    found.cluster = { picks: true, groups: [rest, ...named.slice(8), ...named.slice(0, 8)] };
  }
  if (values) {
    const ends = ["least (" + embmon.short(steps.ends[0]) + ")", "most (" + embmon.short(steps.ends[1]) + ")"];
    found[points.stepName] = { groups: embmon.stepGroups(rows, values, ends) };
  }
  if (points.time) found.time = { groups: embmon.stepGroups(rows, points.time.values, points.time.ends) };
  points.columns.forEach((column, place) => {
    const named = column.names.map((name, k) => ({ key: "n" + k, text: name, colour: "c" + (k + 1), rows: rows.filter((i) => column.values[i] === k) }));
    found["column" + place] = { groups: [{ key: "none", text: column.rest || "other", colour: "other", rows: rows.filter((i) => column.values[i] === 255) }, ...named] };
  });
  Object.values(found).forEach((colouring) => colouring.groups.forEach((group) => {
    group.flat = points.panels.map((panel) => embmon.flat(panel, group.rows));
  }));
  return found;
};

// x and y of these rows in turn, as the chart reads them fastest.
embmon.flat = function flat(panel, rows) {
  const both = new Float32Array(2 * rows.length);
  rows.forEach((row, i) => { both[2 * i] = panel.x[row]; both[2 * i + 1] = panel.y[row]; });
  return both;
};

embmon.pixel = function pixel(grid, window_, panel, i) {
  const unit = grid.width / (window_.x[1] - window_.x[0]);
  return [grid.left + (panel.x[i] - window_.x[0]) * unit, grid.top + (panel.y[i] - window_.y[0]) * unit];
};

embmon.blob = function blob(group) {
  const names = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(names, "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", "blob");
  svg.setAttribute("aria-hidden", "true");
  const form = document.createElementNS(names, group.symbol === "diamond" ? "path" : "circle");
  if (group.symbol === "diamond") form.setAttribute("d", "M6 0l6 6-6 6-6-6z");
  else { form.setAttribute("cx", "6"); form.setAttribute("cy", "6"); form.setAttribute("r", "5"); }
  form.style.fill = "var(--" + group.colour + ")";
  svg.append(form);
  return svg;
};

// The row nearest to a place on the canvas, within 14 pixels of it; -1 where there is none.
embmon.nearest = function nearest(points, grids, range, x, y, seen) {
  for (let panel = 0; panel < grids.length; panel += 1) {
    const grid = grids[panel];
    if (x < grid.left || x > grid.left + grid.width || y < grid.top || y > grid.top + grid.height) continue;
    const window_ = range(grid);
    const unit = grid.width / (window_.x[1] - window_.x[0]);
    const u = window_.x[0] + (x - grid.left) / unit, v = window_.y[0] + (y - grid.top) / unit;
    let best = -1, least = (14 / unit) ** 2;
    for (let i = 0; i < points.n; i += 1) {
      if (!seen(i)) continue;
      const away = (points.panels[panel].x[i] - u) ** 2 + (points.panels[panel].y[i] - v) ** 2;
      if (away < least) { best = i; least = away; }
    }
    return best;
  }
  return -1;
};
