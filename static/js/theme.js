/* Before the first paint: the reader's choice of light or dark, when there is one. */
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* storage is switched off: the system's choice holds */ }
