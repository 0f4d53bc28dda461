"""Static files under names that carry their hash, compressed; imports between our ES modules rewritten."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_, _IMPORTS = vars(HashedFilesMixin)["_js_module_import_aggregation_patterns"]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    support_js_module_import_aggregation = True
    # Only in js/, which is ours: packages import by bare names that are no files.
    _js_module_import_aggregation_patterns = ("js/*.js", _IMPORTS)
