// The live trend: hover or arrow keys read one window at a time.
embmon.parts.push(function trend(chapter, data) {
  const figure = chapter.querySelector("[data-live=trend]");
  if (!figure || !data.trend || data.trend.at.length < 2) return;
  const trend = data.trend;
  const still = figure.querySelector(".static");
  const node = embmon.make("div", "chart");
  const readout = embmon.make("p", "readout");
  node.tabIndex = 0;
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", still.querySelector("svg").getAttribute("aria-label") + " Arrow keys read single windows.");
  readout.setAttribute("aria-live", "polite");
  figure.prepend(node, readout);
  still.hidden = true;
  const chart = echarts.init(node, null, { renderer: "canvas" });
  const hasLevel = trend.level.some((value) => value !== null);
  const shape = { ok: "circle", warn: "triangle", drift: "diamond" };
  const clipped = (value) => (value === null ? null : Math.min(value, trend.ceiling));
  let shown = trend.shown;

  function axes(index, name) {
    const muted = embmon.colour("muted"), line = embmon.colour("line");
    return {
      x: {
        type: "time", gridIndex: index, min: trend.ends[0][0], max: trend.ends[trend.ends.length - 1][1],
        axisLabel: { show: index === 0, color: muted, hideOverlap: true, formatter: { day: "{d} {MMM}", month: "{d} {MMM}" } }, axisLine: { lineStyle: { color: line } }, axisTick: { show: index === 0 },
      },
      y: {
        type: "value", gridIndex: index, name, nameGap: 10, nameTextStyle: { color: muted, align: "left" },
        min: 0, max: index ? undefined : trend.ceiling, splitNumber: index ? 1 : 4,
        axisLabel: { color: muted }, splitLine: { lineStyle: { color: line } },
      },
    };
  }

  function scoreSeries() {
    const ink = embmon.colour("ink"), mark = embmon.colour("calibrating"), alarm = embmon.colour("drift");
    const tone = { ok: "ok", warn: "warn", drift: "drift" };
    const plain = trend.at.length > 150;
    const name = { show: true, position: "insideTopLeft", formatter: "reference", color: embmon.colour("muted") };
    const reference = trend.reference ? [[{ xAxis: trend.reference[0], itemStyle: { color: embmon.colour("ref"), opacity: 0.09 }, label: name }, { xAxis: trend.reference[1] }]] : [];
    return {
      type: "line", data: trend.at.map((at, i) => ({
        value: [at, clipped(trend.score[i])],
        symbol: shape[trend.verdict[i]] || "emptyCircle",
        symbolSize: trend.verdict[i] === "drift" ? 12 : trend.verdict[i] === "warn" ? 11 : plain ? 3 : 6,
        itemStyle: { color: embmon.colour(tone[trend.verdict[i]] || "muted") },
      })),
      showAllSymbol: true, lineStyle: { color: ink, width: 1.6 }, silent: true, z: 3,
      markArea: {
        silent: true, itemStyle: { color: alarm, opacity: 0.13 },
        data: reference.concat(trend.incidents.map(([a, b]) => [{ xAxis: a }, { xAxis: b }])),
      },
      markLine: {
        silent: true, symbol: "none", animation: false, lineStyle: { color: mark, type: [2, 3], width: 1.2 },
        label: { position: "end", color: embmon.colour("on-tone"), backgroundColor: mark, borderRadius: 8, padding: [3, 6], fontWeight: 700, fontSize: 11 },
        data: trend.marks.map(([at, rank]) => ({ xAxis: at, label: { formatter: rank } })),
      },
    };
  }

  function alarmSeries() {
    const ends = trend.ends.flatMap(([a, b], i) => (trend.threshold[i] === null ? [] : [[a, trend.threshold[i]], [b, trend.threshold[i]]]));
    return { type: "line", data: ends, symbol: "none", silent: true, z: 2, lineStyle: { color: embmon.colour("drift"), type: "dashed", width: 1.6 } };
  }

  function option() {
    const frames = hasLevel ? [axes(0, "score"), axes(1, "distance to launch")] : [axes(0, "score")];
    const series = [scoreSeries(), alarmSeries(), {
      id: "shown", type: "scatter", silent: true, z: 5, symbol: "circle", symbolSize: 18, data: [[trend.at[shown], clipped(trend.score[shown])]],
      itemStyle: { color: "transparent", borderColor: embmon.colour("ink"), borderWidth: 2 },
    }];
    if (trend.changes.length) series.push({
      type: "scatter", silent: true, z: 4, symbol: "path://M0 10V0L8 5z", symbolSize: [8, 10], symbolOffset: [4, -5],
      itemStyle: { color: embmon.colour("ref") }, data: trend.changes.map((at) => [at, 0]),
    });
    if (hasLevel) series.push({
      type: "line", xAxisIndex: 1, yAxisIndex: 1, symbol: "none", silent: true,
      data: trend.at.map((at, i) => [at, trend.level[i]]), lineStyle: { color: embmon.colour("ref"), width: 1.6 },
    });
    const tall = node.clientHeight;
    const grid = [{ left: 44, right: 16, top: 34, bottom: hasLevel ? 100 : 28 }];
    if (hasLevel) grid.push({ left: 44, right: 16, top: tall - 48, bottom: 6 });
    return {
      useUTC: true, animation: false, grid, xAxis: frames.map((frame) => frame.x), yAxis: frames.map((frame) => frame.y),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, series,
    };
  }

  function show(index) {
    shown = Math.max(0, Math.min(trend.at.length - 1, index));
    readout.textContent = trend.words[shown];
    chart.setOption({ series: [{ id: "shown", data: [[trend.at[shown], clipped(trend.score[shown])]] }] });
  }

  function nearest(pixel) {
    const at = chart.convertFromPixel({ xAxisIndex: 0 }, pixel);
    let best = 0;
    trend.at.forEach((time, i) => { if (Math.abs(time - at) < Math.abs(trend.at[best] - at)) best = i; });
    return best;
  }

  function draw() {
    chart.resize();
    chart.setOption(option(), true);
    show(shown);
  }

  chart.getZr().on("mousemove", (event) => show(nearest(event.offsetX)));
  chart.getZr().on("click", (event) => show(nearest(event.offsetX)));
  node.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: shown - 1, ArrowRight: shown + 1, Home: 0, End: trend.at.length - 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    show(step);
  });
  draw();
  embmon.redraw(node, draw);
});
