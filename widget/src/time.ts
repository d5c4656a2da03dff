/** The hour, as people here read it. */
export const TIME = new Intl.DateTimeFormat("de", { hour: "2-digit", minute: "2-digit" });
