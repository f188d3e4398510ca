"use strict";

const search = document.getElementById("search");
const found = document.getElementById("found");
const events = [...document.querySelectorAll(".event")].map((element) => ({
  element,
  entry: document.querySelector(`nav [data-for="${CSS.escape(element.id)}"]`),
  text: `${element.id} ${[...element.querySelectorAll("h4, p, dd, table")].map((part) => part.textContent).join(" ")}`.toLowerCase(),
}));

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { element, entry, text } of events) {
    const kept = words.every((word) => text.includes(word));
    element.hidden = entry.hidden = !kept;
    count += kept;
  }
  for (const topic of document.querySelectorAll(".topic")) {
    topic.hidden = !topic.querySelector(".event:not([hidden])");
  }
  found.textContent = words.length ? `${count} of ${events.length} events` : "";
}

document.querySelector(".search").hidden = false;
search.addEventListener("input", show);
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    search.value = "";
    show();
  }
});
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
