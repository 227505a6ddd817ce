document.querySelectorAll("[data-chapter]").forEach((chapter) => {
  const data = embmon.data(chapter.dataset.chapter);
  const picks = embmon.picks();
  embmon.parts.forEach((part) => part(chapter, data, picks));
});
