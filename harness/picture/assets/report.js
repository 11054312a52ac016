// A report: the picture of the one document in the page, or of several runs of one scenario, which move together.
"use strict";
(() => {
  const documents = JSON.parse(document.getElementById("documents").textContent), place = document.getElementById("pictures");
  if (documents.length === 1) drawPicture(place, documents[0]);
  if (documents.length < 2) return;

  function make(tag, className, text, into) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    into.append(made);
    return made;
  }

  const badges = { held: "✔ held", failed: "✖ failed", vacuous: "○ vacuous" }, length = Math.max(...documents.map((each) => each.length)), views = [];
  const [words, lanes, lists] = ["compared", "", "compared"].map((name) => make("div", name, "", place));
  let moving = false;
  const moved = (view) => moving && views.forEach((other) => other !== view && other.follow(view));
  const heading = (each, into) => {
    const made = make("h2", "run", "", into);
    if (each.verdict) make("span", `badge ${each.verdict.name}`, badges[each.verdict.name], made);
    make("span", "", each.about, made);
  };
  const tops = documents.map((each) => {
    const top = make("section", "", "", words);
    heading(each, top);
    if (each.again) make("pre", "", each.again, top);
    return top;
  });
  documents.forEach((each, index) => {
    const section = make("section", "", "", lanes);
    heading(each, section);
    views.push(drawPicture(section, each, { length, words: tops[index], lists: make("section", "", "", lists), keys: index === 0, moved, heading: 3, name: each.about }));
  });
  moving = true;
  moved(views[Math.max(0, documents.findIndex((each) => each.verdict && each.verdict.name === "failed"))]);
})();
