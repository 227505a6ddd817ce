// A link to a folded section opens it.
document.querySelectorAll("a[href^='#']").forEach((link) => link.addEventListener("click", () => {
  const fold = document.querySelector(link.getAttribute("href") + " > details");
  if (fold) fold.open = true;
}));

document.querySelectorAll("[data-chapter]").forEach((chapter) => {
  const data = embmon.data(chapter.dataset.chapter);
  const picks = embmon.picks();
  embmon.parts.forEach((part) => part(chapter, data, picks));
});
