"use strict";
(() => {
  // Findings of a report, rows of an evaluation.
  const all = [...document.querySelectorAll("[data-words]")];
  const places = new Map(all.map((one, place) => [one, place]));
  const filters = document.getElementById("filter");

  // A finding that an address names is shown, whatever hides it.
  const reach = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const target = name && document.getElementById(name);
    if (!target) return;
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    if (target.hasAttribute("data-out")) clear();
    if (target.tabIndex === -1 && target.id !== "main") target.focus({ preventScroll: true });
    target.scrollIntoView({ behavior: "instant" });
  };

  const field = (id) => document.getElementById(id);
  const text = (id) => (field(id) ? field(id).value.trim().toLowerCase() : "");
  const boxes = filters ? [...filters.querySelectorAll("input[name=rule]")] : [];

  const apply = () => {
    const path = text("by-path");
    const words = text("by-words").split(/\s+/);
    const repository = field("by-repository") ? field("by-repository").value : "";
    const rules = new Set(boxes.filter((one) => one.checked).map((one) => one.value));
    let left = 0;
    for (const one of all) {
      const data = one.dataset;
      const fits =
        (!boxes.length || rules.has(data.rule)) &&
        (!path || data.path.toLowerCase().includes(path)) &&
        words.every((word) => data.words.toLowerCase().includes(word)) &&
        (!repository || data.repository === repository);
      one.toggleAttribute("data-out", !fits);
      left += fits;
    }
    for (const group of document.querySelectorAll("section.group")) {
      group.toggleAttribute("data-none", !group.querySelector("article:not([data-out])"));
    }
    field("status").textContent = `${left} of ${all.length} shown`;
  };

  const order = () => {
    const surest = field("by-order") && field("by-order").value;
    const compare = surest
      ? (one, other) => other.dataset.score - one.dataset.score || places.get(one) - places.get(other)
      : (one, other) => places.get(one) - places.get(other);
    for (const group of document.querySelectorAll("section.group")) {
      const end = group.querySelector(".missing");
      const some = [...group.querySelectorAll("article.finding")].sort(compare);
      for (const one of some) group.insertBefore(one, end);
    }
  };

  const clear = () => {
    for (const one of boxes) one.checked = true;
    for (const id of ["by-path", "by-words", "by-repository"]) if (field(id)) field(id).value = "";
    apply();
  };

  if (filters) {
    filters.hidden = false;
    filters.open = innerWidth > 640;
    filters.addEventListener("input", apply);
    if (field("by-order")) field("by-order").addEventListener("input", order);
    field("clear").addEventListener("click", clear);
    apply();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !["j", "k"].includes(event.key)) return;
    const here = event.target.closest("article.finding");
    if (!here) return;
    const some = [...document.querySelectorAll("article.finding:not([data-out])")];
    const next = some[some.indexOf(here) + (event.key === "j" ? 1 : -1)];
    if (next) next.focus();
  });

  // Code that fits needs no stop of the keyboard to be scrolled.
  if ("ResizeObserver" in window) {
    const sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
      }
    });
    for (const one of document.querySelectorAll("pre[tabindex], div.wide")) sizes.observe(one);
  }

  // What is folded is printed too.
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details:not([open])")) {
      one.open = true;
      one.dataset.folded = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const one of document.querySelectorAll("details[data-folded]")) {
      one.open = false;
      delete one.dataset.folded;
    }
  });

  addEventListener("hashchange", reach);
  reach();
})();
