"""Curation as the API and the command line show it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from catalog_sync.curation.bounded import Bounded
from catalog_sync.curation.comparing import Change, Comparison, Differences
from catalog_sync.curation.drafts import Draft
from catalog_sync.curation.effect import Assortment, CollectionEffect
from catalog_sync.curation.overrides import ProductView
from catalog_sync.curation.previewing import Preview
from catalog_sync.curation.publishing import PublishedVersion
from catalog_sync.curation.versions import Version

Json = dict[str, Any]

SPREAD: Final = ("lowest", "lower_quartile", "median", "upper_quartile", "highest")


def present_draft(draft: Draft) -> Json:
    """The draft's document, with what is known of it."""
    return {
        **draft.document,
        "revision": draft.revision,
        "updated_at": draft.updated_at,
        "overrides": draft.overrides,
        "version_in_force": draft.version_in_force,
    }


def present_override(view: ProductView) -> Json:
    """An override, and what is under it."""
    return {
        "product_id": view.product_id,
        "is_present": view.is_present,
        "override": None if view.override is None else view.override.write(),
        "updated_at": view.updated_at,
        "is_stale": bool(view.stale),
        "stale": [asdict(each) for each in view.stale],
        "supplied": dict(view.supplied),
    }


def present_version(version: Version) -> Json:
    """When and why it was published."""
    return {
        "version": version.number,
        "note": version.note,
        "published_by": version.published_by,
        "published_at": version.published_at,
    }


def present_whole_version(version: Version, document: Mapping[str, Any]) -> Json:
    """A version with all that is in it."""
    overrides = {product_id: entry["values"] for product_id, entry in document["overrides"].items()}
    return {**document, **present_version(version), "overrides": overrides}


def present_published(published: PublishedVersion) -> Json:
    """A new version, and what readers see of it."""
    publication = published.publication
    return {
        **present_version(published.version),
        "publication": None if publication is None else asdict(publication),
    }


def present_comparison(comparison: Comparison) -> Json:
    """What differs between two curations."""
    return {
        "is_same": comparison.is_empty,
        "default": dict(zip(("before", "after"), comparison.default, strict=True)),
        "rules": _differences(comparison.rules),
        "collections": _differences(comparison.collections),
        "overrides": _differences(comparison.overrides),
    }


def present_preview(preview: Preview) -> Json:
    """What publishing a draft would change."""
    changes, names = preview.effect, preview.names

    def named(product_id: str) -> Json:
        return {"id": product_id, "name": names.get(product_id)}

    return {
        "revision": preview.revision,
        "version_in_force": preview.version_in_force,
        "present": changes.present,
        "before": _assortment(changes.before),
        "after": _assortment(changes.after),
        "entering": _list(changes.entering.map(named)),
        "leaving": _list(changes.leaving.map(named)),
        "moving": _list(
            changes.moving.map(
                lambda each: {**named(each.product_id), "joins": list(each.joins), "leaves": list(each.leaves)}
            )
        ),
        "reordered": changes.reordered,
        "rules": [
            {"name": rule.name, "count": rule.count, "samples": [named(each) for each in rule.samples]}
            for rule in changes.rules
        ],
        "idle_rules": list(changes.idle_rules),
        "collections": [_collection(each) for each in changes.collections],
        "empty_collections": list(changes.emptied),
        "unmatched": _list(changes.unmatched.map(named)),
        "stale_overrides": preview.stale_overrides,
    }


def _assortment(assortment: Assortment) -> Json:
    prices = assortment.prices
    return {
        "products": assortment.listed,
        "earning_revenue_share": assortment.earning_share,
        "revenue_share_part": assortment.share,
        "prices": None if prices is None else dict(zip(SPREAD, prices, strict=True)),
    }


def _collection(each: CollectionEffect) -> Json:
    return {
        "handle": each.handle,
        "title": each.title,
        "before": each.before,
        "after": each.after,
        "joining": each.joining,
        "leaving": each.leaving,
        "reordered": each.reordered,
        "absent": _list(each.absent),
    }


def _differences(differences: Differences) -> Json:
    return {
        "added": _list(differences.added),
        "removed": _list(differences.removed),
        "changed": _list(differences.changed.map(_change)),
        "is_reordered": differences.is_reordered,
    }


def _change(change: Change) -> Json:
    changed = {name: {"before": before, "after": after} for name, (before, after) in change.fields.items()}
    return {"name": change.name, "fields": changed}


def _list(items: Bounded[Any]) -> Json:
    return {"total": items.total, "items": list(items.items)}
