// @ts-check
"use strict";
// The card over the map as a dialog: focus goes into it, Esc closes it, and focus goes back.
(() => {
  let cameFrom = null; // what had the focus, and the site of a list where it was its button

  const box = () => /** @type {HTMLElement | null} */ (document.querySelector(".leaflet-popup"));
  const nameOf = () => {
    const dialog = box();
    const title = dialog && dialog.querySelector("h2");
    if (!title) return;
    title.id = "card-title";
    dialog.setAttribute("role", "dialog");
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.tabIndex = -1;
    const content = /** @type {HTMLElement} */ (dialog.querySelector(".leaflet-popup-content"));
    content.tabIndex = 0; // what scrolls can be scrolled with keys
    content.setAttribute("role", "region");
    content.setAttribute("aria-labelledby", title.id);
  };

  // Called once the card is on the map, also where another one was open before.
  siteopt.cardOpened = () => {
    nameOf();
    const dialog = box();
    const { activeElement: active } = document;
    if (!dialog.contains(active)) {
      cameFrom = active instanceof HTMLElement && active !== document.body ? { element: active, site: active.dataset.site } : null;
    }
    dialog.focus({ preventScroll: true });
  };

  // Back to where the focus came from: a button of a list may have been written anew in between.
  const closed = () => {
    const { activeElement: active } = document;
    const dialog = box();
    const from = cameFrom;
    cameFrom = null;
    if (active !== document.body && !(dialog && dialog.contains(active))) return;
    const again = from && !from.element.isConnected && from.site
      ? [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("button[data-site]"))].find((one) => one.dataset.site === from.site && one.offsetWidth)
      : from && from.element;
    (again && again.isConnected ? again : siteopt.map.getContainer()).focus({ preventScroll: true });
  };

  // Whoever asks the system for less motion gets a map that jumps.
  siteopt.calm = (map) => {
    if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    Object.assign(map.options, { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false });
    Object.assign(/** @type {any} */ (map), { _zoomAnimated: false, _fadeAnimated: false });
    const { panBy } = map;
    map.panBy = (offset, options) => panBy.call(map, offset, { ...options, animate: false });
  };

  siteopt.dialogs = (map, popup) => {
    popup.on("contentupdate", nameOf);
    map.on("popupclose", closed);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !popup.isOpen()) return;
      event.preventDefault();
      map.closePopup(popup);
    });
  };
})();
