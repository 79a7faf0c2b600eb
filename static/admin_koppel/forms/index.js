// What lists and plain forms of the admin load, as one file (core/serving/bundles.py): what Django has for every page.
import "../../admin/js/vendor/jquery/jquery.min.js";
import "../../admin/js/jquery.init.js";
import "../../admin/js/core.js";
import "../../admin/js/admin/RelatedObjectLookups.js";
import "../../admin/js/actions.js";
