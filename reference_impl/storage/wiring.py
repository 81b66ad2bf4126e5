"""Puts storage together: its policies by name, its catalogue, blobs, service and routes."""

from reference_impl.kit.composition import Assembled, BodyRule, Kit
from reference_impl.storage import api, policies
from reference_impl.storage.blobs import ObstoreBlobs
from reference_impl.storage.digests import check_digest
from reference_impl.storage.policies import OwnObjectsOnly, StoragePolicies
from reference_impl.storage.ports import Blobs
from reference_impl.storage.service import StorageService
from reference_impl.storage.store import SqlCatalogue

LARGEST_OBJECT = 10 * 1024 * 1024


def register(kit: Kit) -> StoragePolicies:
    """Name the decisions of storage and take back what is in force."""
    table = kit.policies
    table.register("storage.ownership", OwnObjectsOnly())
    table.register("storage.write_conditions", policies.check_conditions)
    table.register("storage.checksum", check_digest)
    table.register("storage.catalogue", SqlCatalogue(kit.database))
    return StoragePolicies(
        ownership=table["storage.ownership"],
        conditions=table["storage.write_conditions"],
        checksum=table["storage.checksum"],
    )


def assemble(kit: Kit, *, blobs: Blobs | None = None) -> Assembled:
    """Storage with its routes; blobs are files in the data directory unless another place is given."""
    place = blobs or ObstoreBlobs.local(kit.settings.data_dir.absolute() / "objects")
    decided = register(kit)
    service = StorageService(
        blobs=place,
        catalogue=kit.policies["storage.catalogue"],
        policies=decided,
        clock=kit.clock,
        logger=kit.logger,
        limit=LARGEST_OBJECT,
    )
    return Assembled(
        name="storage",
        service=service,
        routers=(api.build(service),),
        readiness={"object_store": place.check},
        bodies=(BodyRule(prefix="/api/storage", limit=LARGEST_OBJECT, stream=True),),
    )
