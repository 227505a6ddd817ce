// On maps of two versions: lines from a row to its nearest rows before (in A) and after (in B).
embmon.near = function near(canvas, points, where) {
  const names = "http://www.w3.org/2000/svg";
  const layer = document.createElementNS(names, "svg");
  layer.setAttribute("class", "lasso near");
  layer.setAttribute("aria-hidden", "true");
  canvas.append(layer);
  const each = points.near ? points.near.each : 0;
  const of = (side, i) => Array.from(points.near.sides[side].subarray(i * each, (i + 1) * each)).filter((k) => k !== 65535);

  return {
    show(i) {
      layer.replaceChildren();
      if (!points.near || i < 0) return;
      where.frames().forEach((frame, side) => {
        const place = where.places(frame, side), [x, y] = place(i);
        of(side, i).forEach((k) => {
          const line = document.createElementNS(names, "path");
          const kept = of(1 - side, i).includes(k);
          line.setAttribute("class", kept ? "kept" : side ? "gained" : "lost");
          line.setAttribute("d", "M" + x + " " + y + "L" + place(k).join(" "));
          layer.append(line);
        });
      });
    },
    // What is near a row in each version, in words.
    lines(i) {
      if (!points.near) return [];
      return points.names.map((name, side) => {
        const told = of(side, i).map(points.text).filter(Boolean).slice(0, 3);
        return told.length ? "near it in " + name.replace("Version ", "") + ": " + told.join(" · ") : "";
      }).filter(Boolean);
    },
  };
};
