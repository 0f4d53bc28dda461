"""Static files under names that carry their hash, compressed; imports between ES modules are rewritten."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped package
    support_js_module_import_aggregation = True
