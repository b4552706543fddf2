// Runs before anything is drawn, so that a page does not flash in the other colours.
document.body.dataset.theme = (() => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage can be switched off
  }
})() ?? "auto";
