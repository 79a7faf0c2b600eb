// What every page of the admin loads, as one file: core/serving/bundles.py puts these together, in this order.
import "../unfold/js/htmx/htmx.js";
import "./names.js";
import "../unfold/js/app.js";
import "../unfold/js/simplebar/simplebar.js";
import "../unfold/js/alpine/alpine.anchor.js";
import "../unfold/js/alpine/alpine.persist.js";
import "../unfold/js/alpine/alpine.resize.js";
import "../unfold/js/alpine/alpine.js";
