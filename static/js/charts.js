/* Draws every <figure class="chart"> from the JSON beside it.
   The server writes colours as token names, "var(--ink)" or "var(--accent) / 0.2";
   this file turns them into the colours of the current theme and redraws when it changes. */
(() => {
  const config = { displayModeBar: false, showTips: false, doubleClick: false };
  /* plotly.js writes bold words in labels as style attributes, which our content security policy refuses. Through the
     style object the same declarations are allowed. */
  const { setAttribute } = SVGElement.prototype;
  SVGElement.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };

  const probe = document.createElement("span");
  probe.hidden = true;
  document.documentElement.append(probe);

  const colour = (text) => {
    const [, name, alpha] = text.match(/^var\((--[\w-]+)\)(?:\s*\/\s*([\d.]+))?$/) ?? [];
    if (!name) return text;
    probe.style.color = `var(${name})`;
    const rgb = getComputedStyle(probe).color;
    return alpha ? rgb.replace("rgb(", "rgba(").replace(")", `, ${alpha})`) : rgb;
  };

  const resolve = (value) => {
    if (typeof value === "string") return value.startsWith("var(") ? colour(value) : value;
    if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map(resolve);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
    }
    return value;
  };

  /* On a phone a figure may replace single settings: {"xaxis.nticks": 4, "annotations": []} */
  const apply = (target, changes = {}) => {
    for (const [path, value] of Object.entries(changes)) {
      const keys = path.split(".");
      const last = keys.pop();
      keys.reduce((node, key) => (node[key] ??= {}), target)[last] = value;
    }
  };

  const draw = (figure) => {
    const plot = figure.querySelector(".chart__plot");
    resized.observe(plot);
    if (!plot.clientWidth) return null;
    const { data, layout = {}, narrow } = JSON.parse(figure.querySelector("script").textContent);
    const spec = { data, layout };
    if (plot.clientWidth < 440) apply(spec, narrow);
    const { data: traces, layout: looks, template } = resolve({ ...spec, template: window.headwayTemplate });
    const size = { width: plot.clientWidth, height: plot.clientHeight };
    plot.drawnAt = size.width;
    return Plotly.react(plot, traces, { ...looks, ...size, template }, config);
  };

  const drawAll = () => Promise.all([...document.querySelectorAll("figure.chart")].map(draw));

  /* A plot that got wider or narrower is drawn again, once it has come to rest; a hidden one waits. */
  let waiting;
  const resized = new ResizeObserver((entries) => {
    if (!entries.some(({ target }) => target.clientWidth && target.clientWidth !== target.drawnAt)) return;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 80);
  });

  addEventListener("DOMContentLoaded", async () => {
    await document.fonts.ready;
    await drawAll();
    document.documentElement.dataset.charts = "drawn";
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.target !== document.body) event.target.querySelectorAll("figure.chart").forEach(draw);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  matchMedia("print").addEventListener("change", drawAll); /* paper is light, whatever the screen is */
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
})();
