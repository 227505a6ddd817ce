// The live map: a scatter of rows with hover, zoom, colours, and topics to pick.
embmon.parts.push(function map(chapter, data, picks) {
  const box = chapter.querySelector("[data-live=map]");
  if (!box || !data.map || !data.map.panels) return;
  box.hidden = false;
  const points = embmon.points(data.map);
  const canvas = box.querySelector("[data-canvas]");
  const chart = echarts.init(embmon.inner(canvas), null, { renderer: "canvas" });
  const legend = box.querySelector("[data-legend]");
  const colourings = embmon.colourings(points);
  let colouring = colourings[box.querySelector("[data-colours] input:checked").value];
  let alone = null;
  let ring = -1;
  const over = embmon.slider(box, points, () => draw());
  const shown = new Uint8Array(points.n);
  // The window on the unit square that is shown: its middle and its scale.
  let view = { x: 0.5, y: 0.5, scale: 1 };

  function grids() {
    const wide = canvas.clientWidth, tall = canvas.clientHeight, n = points.panels.length;
    const gap = 12, top = n > 1 ? 24 : 4;
    if (n > 1 && wide < 640) {
      const part = (tall - gap) / n;
      return points.panels.map((_, i) => ({ left: 2, top: top + i * (part + gap / 2), width: wide - 4, height: part - top }));
    }
    const part = (wide - gap * (n - 1)) / n;
    return points.panels.map((_, i) => ({ left: 2 + i * (part + gap), top, width: part - 4, height: tall - top - 4 }));
  }

  // Both axes keep one scale, whatever the shape of the panel.
  function range(grid) {
    const unit = Math.min(grid.width, grid.height) * view.scale;
    const x = grid.width / unit / 2, y = grid.height / unit / 2;
    return { x: [view.x - x, view.x + x], y: [view.y - y, view.y + y] };
  }

  function faded(group) {
    return (alone !== null && group.key !== alone) || (colouring.picks === true && picks.id !== null && group.id !== picks.id);
  }

  function groupSeries(group, panel, size) {
    return {
      type: "scatter", xAxisIndex: panel, yAxisIndex: panel, silent: true, symbol: group.symbol || "circle",
      symbolSize: group.symbol === "diamond" && size > 4 ? size + 1.5 : size, large: size < 4, largeThreshold: 0, progressive: 0,
      itemStyle: { color: embmon.colour(group.colour), opacity: faded(group) || chosen() ? 0.06 : size < 4 ? 0.5 : 0.72 },
      dimensions: ["x", "y"], data: group.flat[panel],
    };
  }

  // Whether a row is selected and of the window that the slider shows; null where all rows are.
  function chosen() {
    const [one, other] = [picks.chosen && picks.chosen.has, over.has];
    return one && other ? (i) => one[i] && other[i] : one || other ? (i) => (one || other)[i] : null;
  }

  // The selected rows of a group, over all the faded ones.
  function chosenSeries(group, panel, size) {
    const rows = faded(group) ? [] : group.rows.filter(chosen());
    if (!rows.length) return [];
    const series = groupSeries(group, panel, size);
    return [{ ...series, data: embmon.flat(points.panels[panel], rows), itemStyle: { ...series.itemStyle, opacity: 0.85 } }];
  }

  function pickedSeries(size) {
    if (picks.id === null || colouring.picks || !points.cluster) return [];
    const rows = points.rows.filter((i) => points.clusterId(i) === picks.id);
    return [{
      type: "scatter", xAxisIndex: 0, yAxisIndex: 0, silent: true, symbolSize: size + 4,
      itemStyle: { color: "transparent", borderColor: embmon.colour("ink"), borderWidth: 1.2 },
      dimensions: ["x", "y"], data: embmon.flat(points.panels[0], rows),
    }];
  }

  // Rings lie over the canvas: to move one must not draw all dots again.
  const rings = points.panels.map(() => canvas.appendChild(embmon.make("div", "ring")));

  const near = embmon.near(canvas, points, {
    frames: grids,
    places: (frame, panel) => (i) => embmon.pixel(frame, range(frame), points.panels[panel], i),
  });

  function showRings() {
    const frames = grids();
    rings.forEach((node, panel) => {
      const [x, y] = ring < 0 ? [-99, -99] : embmon.pixel(frames[panel], range(frames[panel]), points.panels[panel], ring);
      const inside = x > frames[panel].left && x < frames[panel].left + frames[panel].width && y > frames[panel].top && y < frames[panel].top + frames[panel].height;
      node.hidden = !inside;
      node.style.transform = "translate(" + (x - 9) + "px," + (y - 9) + "px)";
    });
    near.show(ring);
  }

  function draw() {
    chart.resize();
    const frames = grids();
    shown.fill(0);
    colouring.groups.filter((group) => !faded(group)).forEach((group) => group.rows.forEach((i) => { shown[i] = !over.has || over.has[i] ? 1 : 0; }));
    // Below 4 pixels forms are not seen, and the chart draws such dots in one go.
    const size = points.n > 8000 ? 3 : points.n > 3000 ? 3.9 : points.n > 600 ? 5 : 7;
    const line = embmon.colour("line");
    const axis = (key, extra) => ends(key).map((limits, i) => {
      return { type: "value", gridIndex: i, ...limits, axisLabel: { show: false }, axisTick: { show: false }, splitLine: { show: false }, axisLine: { show: false }, ...extra(i) };
    });
    const title = (i) => (points.names ? { name: points.names[i], nameLocation: "start", nameGap: 8, nameTextStyle: { color: embmon.colour("ink"), fontWeight: 600, align: "left" } } : {});
    // An empty series in large mode makes ECharts 6.1 fail after it has drawn.
    const groups = colouring.groups.filter((group) => group.rows.length > 0);
    const series = points.panels.flatMap((_, panel) => groups.map((group) => groupSeries(group, panel, size)));
    chart.setOption({
      animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: frames.map((grid) => ({ ...grid, show: true, borderColor: line, backgroundColor: "transparent" })),
      xAxis: axis("x", () => ({})), yAxis: axis("y", (i) => ({ inverse: true, ...title(i) })),
      series: series.concat(chosen() ? points.panels.flatMap((_, panel) => groups.flatMap((group) => chosenSeries(group, panel, size))) : [], pickedSeries(size)),
    }, true);
    showRings();
  }

  function ends(key) {
    return grids().map((grid) => {
      const [min, max] = range(grid)[key];
      return { min, max };
    });
  }

  // Another view of the same dots: only the axes change.
  let waiting = false;
  function look() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      chart.setOption({ xAxis: ends("x"), yAxis: ends("y") });
      showRings();
    });
  }

  function showLegend() {
    legend.replaceChildren(...colouring.groups.filter((group) => group.text).map((group) => {
      const item = embmon.make("li");
      const button = embmon.button("", () => (colouring.picks && group.id !== null ? picks.set(group.id) : isolate(group.key)));
      button.append(embmon.blob(group), embmon.make("span", "", group.text));
      button.setAttribute("aria-pressed", String(alone === group.key || (colouring.picks && group.id !== null && picks.id === group.id)));
      item.append(button);
      return item;
    }));
  }

  function isolate(key) {
    alone = alone === key ? null : key;
    refresh();
  }

  function refresh() {
    showLegend();
    draw();
  }

  function move(x, y, factor) {
    view = { x: view.x + x / view.scale, y: view.y + y / view.scale, scale: Math.max(0.8, Math.min(60, view.scale * factor)) };
    look();
  }

  function home() {
    view = { x: 0.5, y: 0.5, scale: 1 };
    look();
  }

  box.querySelectorAll("[data-colours] input").forEach((input) => input.addEventListener("change", () => {
    colouring = colourings[input.value];
    alone = null;
    refresh();
  }));
  const zoom = box.querySelector("[data-zoom]");
  [["+", "Zoom in", () => move(0, 0, 1.4)], ["−", "Zoom out", () => move(0, 0, 1 / 1.4)], ["Reset", "Show the whole map", home]].forEach(([text, name, action]) => {
    const button = embmon.button(text, action);
    button.setAttribute("aria-label", name);
    zoom.append(button);
  });
  picks.listen(refresh);
  const lasso = embmon.lasso(box, canvas, points, picks, {
    seen: (i) => shown[i] === 1,
    frame: () => grids()[0],
    places(frame) {
      const seen = range(frame);
      return (i) => embmon.pixel(frame, seen, points.panels[0], i);
    },
  });
  embmon.pointer(canvas, {
    lasso,
    find: (x, y) => embmon.nearest(points, grids(), range, x, y, (i) => shown[i] === 1),
    ring(i) {
      if (i === ring) return;
      ring = i;
      showRings();
    },
    words(i) {
      const words = points.words(i);
      return { ...words, lines: [...words.lines, ...near.lines(i)] };
    },
    click: (i) => { if (points.cluster && points.clusterId(i) !== null) picks.set(points.clusterId(i)); },
    drag: (dx, dy) => { const grid = grids()[0], unit = Math.min(grid.width, grid.height); move(-dx / unit, -dy / unit, 1); },
    wheel: (up) => move(0, 0, up ? 1.2 : 1 / 1.2),
    key: { "+": () => move(0, 0, 1.4), "=": () => move(0, 0, 1.4), "-": () => move(0, 0, 1 / 1.4), 0: home, ArrowLeft: () => move(-0.1, 0, 1), ArrowRight: () => move(0.1, 0, 1), ArrowUp: () => move(0, -0.1, 1), ArrowDown: () => move(0, 0.1, 1) },
  });
  refresh();
  embmon.redraw(canvas, draw);
});
