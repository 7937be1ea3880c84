/* Entry: each module finds its own elements, now and in every fragment that htmx brings. */
import { startClocks } from "./countdown.js";
import { startCopy } from "./copy.js";
import { startCounts } from "./count.js";
import { startDialogs } from "./dialog.js";
import { startDrops } from "./drop.js";
import { startFilters } from "./autosubmit.js";
import { startFlash } from "./flash.js";
import { startGrids } from "./week-grid.js";
import { startMenus } from "./menu.js";
import { startPalette } from "./palette.js";
import { startPanels } from "./tabs.js";
import { startPickers } from "./picker.js";
import { startShortcuts } from "./shortcuts.js";
import { startTheme } from "./theme.js";
import { startTimers } from "./timer.js";
import { startUnsaved } from "./unsaved.js";
import { startUploads } from "./upload.js";

const modules = [
  startTheme, startClocks, startCopy, startCounts, startDialogs, startDrops, startFilters, startGrids, startMenus, startPanels,
  startPickers, startTimers, startUnsaved,
  startUploads,
];

function start(root) {
  for (const module of modules) module(root);
}

start(document);
startShortcuts();
startPalette();
startFlash();
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) start(event.detail.elt);
});
