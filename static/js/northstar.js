// What every page loads. Each import defines one custom element or binds one behaviour; all pages work without them.
import "./theme-switch.js";
import "./menu.js";
import "./dialog.js";
import "./sheet.js";
import "./toast.js";
import "./zone.js";
import "./combobox.js";
import "./slot-grid.js";
import "./roving.js";
import "./slot-picker.js";
import "./countdown.js";
import "./autosave.js";
import "./copy.js";
import "./busy.js";
import "./live.js";
