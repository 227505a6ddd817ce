// What the pointer and the keyboard do on the map; the words of a row are shown beside it.
embmon.inner = function inner(canvas) {
  const node = embmon.make("div", "inner");
  canvas.append(node);
  return node;
};

embmon.pointer = function pointer(canvas, on) {
  const card = embmon.make("div", "hover");
  card.hidden = true;
  canvas.append(card);
  let from = null;
  let moved = false;

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function hide() {
    card.hidden = true;
    on.ring(-1);
  }

  function read(event) {
    const [x, y] = place(event);
    const found = on.find(x, y);
    if (found < 0) return hide();
    const words = on.words(found);
    card.replaceChildren(embmon.make("strong", "", words.head), ...words.lines.map((line) => embmon.make("span", "", line)));
    card.hidden = false;
    const left = Math.max(0, Math.min(x + 14, canvas.clientWidth - card.offsetWidth));
    const below = y + 14 + card.offsetHeight < canvas.clientHeight;
    card.style.transform = "translate(" + left + "px," + (below ? y + 14 : Math.max(0, y - 14 - card.offsetHeight)) + "px)";
    on.ring(found);
    return found;
  }

  canvas.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY];
    moved = false;
    if (on.lasso.on) on.lasso.start(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from || (event.pointerType === "touch" && !on.lasso.on)) return void read(event);
    const dx = event.clientX - from[0], dy = event.clientY - from[1];
    if (!moved && Math.hypot(dx, dy) < 4) return;
    moved = true;
    if (on.lasso.on) return on.lasso.trace(place(event));
    from = [event.clientX, event.clientY];
    hide();
    on.drag(dx, dy);
  });
  window.addEventListener("pointerup", () => {
    if (from && moved && on.lasso.on) on.lasso.close();
    from = null;
  });
  canvas.addEventListener("pointerleave", hide);
  canvas.addEventListener("click", (event) => {
    const [x, y] = place(event);
    const found = moved ? -1 : on.find(x, y);
    if (found >= 0) { read(event); on.click(found); }
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    on.wheel(event.deltaY < 0);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : on.key[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
};
