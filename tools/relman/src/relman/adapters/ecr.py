"""Amazon ECR: digests of tags, manifests, and the findings of scans."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from relman.adapters import aws
from relman.core import platforms
from relman.core.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from relman.core import images

HOST = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
)
ABSENT = ("ImageNotFoundException", "RepositoryNotFoundException")
SCANNED = ("COMPLETE", "ACTIVE")


def is_ecr(image: images.Reference) -> bool:
    """Whether an image lies in ECR."""
    return HOST.fullmatch(image.registry) is not None


def digest(image: images.Reference) -> str:
    """The digest of a tag. Raises Invalid when ECR has no such image, Unavailable when it can't
    be asked or refuses."""
    try:
        with aws.asking("ECR", str(image), "ecr:DescribeImages on that repository", ABSENT):
            found = _client(image).describe_images(
                **_repository(image), imageIds=[{"imageTag": image.tag}]
            )
    except aws.Missing as error:
        raise Invalid(
            f"ECR has no image {image}", hint="push it first, or give another tag"
        ) from error
    return str(found["imageDetails"][0]["imageDigest"])


def manifest(image: images.Reference, access: aws.Access) -> dict[str, Any] | None:
    """The manifest of an image by its digest; None where ECR doesn't have it."""
    try:
        with aws.asking("ECR", str(image), "ecr:BatchGetImage on that repository", ABSENT):
            found = _client(image, access).batch_get_image(
                **_repository(image),
                imageIds=[{"imageDigest": image.digest}],
                acceptedMediaTypes=list(platforms.MANIFESTS),
            )
    except aws.Missing:
        return None
    if found.get("images"):
        return dict(json.loads(found["images"][0]["imageManifest"]))
    failure = (found.get("failures") or [{}])[0].get("failureCode", "")
    if failure == "ImageNotFound":
        return None
    raise Unavailable(f"ECR does not give {image}: {failure or 'no answer'}", hint="try again")


def layer_url(image: images.Reference, layer: str, access: aws.Access) -> str:
    """Where a layer or a configuration can be fetched, for a short time."""
    right = "ecr:GetDownloadUrlForLayer on that repository"
    with aws.asking("ECR", f"the configuration of {image}", right):
        found = _client(image, access).get_download_url_for_layer(
            **_repository(image), layerDigest=layer
        )
    return str(found["downloadUrl"])


def findings(image: images.Reference, access: aws.Access) -> dict[str, int]:
    """How many findings of each severity the last scan of an image has.

    Raises Unavailable when it was not scanned, or the scan is not done.
    """
    right = "ecr:DescribeImageScanFindings on that repository"
    hint = "switch on scanning on push for that repository, or start a scan"
    try:
        with aws.asking("ECR", f"the scan of {image}", right, ("ScanNotFoundException",)):
            found = _client(image, access).describe_image_scan_findings(
                **_repository(image), imageId={"imageDigest": image.digest}, maxResults=1
            )
    except aws.Missing as error:
        raise Unavailable(f"{image} was not scanned", hint=hint) from error
    status = found.get("imageScanStatus") or {}
    if status.get("status") not in SCANNED:
        words = f"{status.get('status')}: {status.get('description', '-')}"
        raise Unavailable(f"the scan of {image} is not done: {words}", hint="try again later")
    counts = (found.get("imageScanFindings") or {}).get("findingSeverityCounts") or {}
    return {str(severity).lower(): int(count) for severity, count in counts.items()}


def _client(image: images.Reference, access: aws.Access = aws.ANYHOW) -> Any:
    return aws.client("ecr", _parts(image)["region"], access)


def _repository(image: images.Reference) -> dict[str, str]:
    return {"registryId": _parts(image)["account"], "repositoryName": image.name}


def _parts(image: images.Reference) -> dict[str, str]:
    found = HOST.fullmatch(image.registry)
    if not found:
        raise Invalid(f"{image} is not in ECR")
    return found.groupdict()
