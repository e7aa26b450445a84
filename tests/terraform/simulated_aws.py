"""AWS for a real apply: moto's server, and in front of it a stand-in for what moto's EKS lacks.

The stand-in answers add-ons, Pod Identity associations and access entries from memory, with what
Terraform's provider asks and nothing more, and passes everything else on. It keeps the policies of
buckets too: moto would follow a Deny without looking at its condition, and lock everybody out.
Loopback only.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

ACCOUNT = "123456789012"
REGION = "us-east-1"
NOW = 1767225600
NOT_PASSED_ON = {"connection", "content-length", "transfer-encoding", "keep-alive"}

Document = dict[str, Any]


class MissingError(Exception):
    """What was asked for is not there."""


@dataclass
class Eks:
    """The part of EKS that moto lacks. Objects lie under their path, as (cluster, kind, name)."""

    objects: dict[tuple[str, str, str], Document] = field(default_factory=dict)
    policies: dict[tuple[str, str], list[Document]] = field(default_factory=dict)
    asked: dict[str, Document] = field(default_factory=dict)

    def completed(self, sent: Document, received: Document) -> Document:
        """What moto says of a cluster or a node group, as it was asked for."""
        if cluster := received.get("cluster"):
            asked = self.asked.setdefault(cluster["arn"], sent)
            cluster["accessConfig"] = asked.get("accessConfig")
        if nodes := received.get("nodegroup"):
            asked = self.asked.setdefault(nodes["nodegroupArn"], sent)
            nodes["updateConfig"] = asked.get("updateConfig")
            nodes["remoteAccess"] = asked.get("remoteAccess")
        return received

    def arn(self, kind: str, *path: str) -> str:
        """An ARN as EKS writes them."""
        return f"arn:aws:eks:{REGION}:{ACCOUNT}:{kind}/{'/'.join(path)}"

    def add_addon(self, cluster: str, body: Document) -> Document:
        name = body["addonName"]
        addon = {
            "addonName": name,
            "clusterName": cluster,
            "status": "ACTIVE",
            "addonVersion": body.get("addonVersion", "v0.0.0-eksbuild.1"),
            "addonArn": self.arn("addon", cluster, name, "1"),
            "configurationValues": body.get("configurationValues"),
            "tags": body.get("tags", {}),
            "createdAt": NOW,
            "modifiedAt": NOW,
        }
        self.objects[cluster, "addons", name] = addon
        return {"addon": addon}

    def add_association(self, cluster: str, body: Document) -> Document:
        identity = f"a-{uuid.uuid4().hex[:17]}"
        association = {
            "clusterName": cluster,
            "namespace": body["namespace"],
            "serviceAccount": body["serviceAccount"],
            "roleArn": body["roleArn"],
            "associationId": identity,
            "associationArn": self.arn("podidentityassociation", cluster, identity),
            "tags": body.get("tags", {}),
            "createdAt": NOW,
            "modifiedAt": NOW,
        }
        self.objects[cluster, "pod-identity-associations", identity] = association
        return {"association": association}

    def add_access_entry(self, cluster: str, body: Document) -> Document:
        principal = body["principalArn"]
        entry = {
            "clusterName": cluster,
            "principalArn": principal,
            "kubernetesGroups": body.get("kubernetesGroups", []),
            "accessEntryArn": self.arn("access-entry", cluster, "role", ACCOUNT, uuid.uuid4().hex),
            "type": body.get("type", "STANDARD"),
            "username": body.get("username", principal),
            "tags": body.get("tags", {}),
            "createdAt": NOW,
            "modifiedAt": NOW,
        }
        self.objects[cluster, "access-entries", principal] = entry
        return {"accessEntry": entry}

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Document
    ) -> Document | None:
        """The answer to a request, or None where moto knows it."""
        if path == "/addons/supported-versions":
            return self.versions(query)
        place = re.fullmatch(
            r"/clusters/([^/]+)/(addons|pod-identity-associations|access-entries)(?:/([^/]+))?(?:/([^/]+))?(?:/([^/]+))?",
            path,
        )
        if not place:
            return None
        cluster, kind, name, part, item = (unquote(group or "") for group in place.groups())
        if part == "access-policies":
            return self.access_policies(method, (cluster, name), item, body)
        if not name:
            return self.collection(method, cluster, kind, body)
        return self.single(method, (cluster, kind, name))

    def versions(self, query: dict[str, list[str]]) -> Document:
        """EKS's default version of an add-on."""
        compatible = [{"clusterVersion": query["kubernetesVersion"][0], "defaultVersion": True}]
        version = {"addonVersion": "v1.2.3-eksbuild.4", "compatibilities": compatible}
        return {"addons": [{"addonName": query["addonName"][0], "addonVersions": [version]}]}

    def collection(self, method: str, cluster: str, kind: str, body: Document) -> Document:
        """Makes an object, or lists them."""
        if method == "POST":
            makers = {
                "addons": self.add_addon,
                "pod-identity-associations": self.add_association,
                "access-entries": self.add_access_entry,
            }
            return makers[kind](cluster, body)
        found = [item for place, item in self.objects.items() if place[:2] == (cluster, kind)]
        return {"associations": found, "addons": [item.get("addonName") for item in found]}

    def single(self, method: str, place: tuple[str, str, str]) -> Document:
        """Shows or deletes an object."""
        if place not in self.objects:
            raise MissingError("/".join(place))
        found = self.objects.pop(place) if method == "DELETE" else self.objects[place]
        key = {
            "addons": "addon",
            "pod-identity-associations": "association",
            "access-entries": "accessEntry",
        }
        return {key[place[1]]: found}

    def access_policies(
        self, method: str, entry: tuple[str, str], policy: str, body: Document
    ) -> Document:
        """Adds, lists or takes away what an access entry may do."""
        held = self.policies.setdefault(entry, [])
        if method == "POST":
            added = body | {"associatedAt": NOW, "modifiedAt": NOW}
            # One for each policy, as in EKS: the provider asks again when an answer is late.
            held[:] = [one for one in held if one["policyArn"] != added["policyArn"]] + [added]
            return {
                "clusterName": entry[0],
                "principalArn": entry[1],
                "associatedAccessPolicy": added,
            }
        if method == "DELETE":
            held[:] = [one for one in held if one["policyArn"] != policy]
            return {}
        return {"clusterName": entry[0], "principalArn": entry[1], "associatedAccessPolicies": held}


class Handler(BaseHTTPRequestHandler):
    """Answers what the stand-in knows and passes the rest on."""

    protocol_version = "HTTP/1.1"
    eks: Eks
    bucket_policies: dict[str, bytes]
    moto: tuple[str, int]

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        service = re.search(rf"/{REGION}/(\w+)/", self.headers.get("Authorization", ""))
        try:
            if service and service[1] == "s3" and parts.query.rstrip("=") == "policy":
                self.bucket_policy(parts.path, body)
            elif (
                service
                and service[1] == "eks"
                and (answer := self.eks_answer(parts, body)) is not None
            ):
                self.reply(200, answer, {})
            else:
                self.pass_on(body, completed=bool(service and service[1] == "eks"))
        except MissingError as missing:
            self.reply(
                404, {"message": f"no {missing}"}, {"x-amzn-ErrorType": "ResourceNotFoundException"}
            )

    # The names that http.server calls.
    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_request  # noqa: N815

    def eks_answer(self, parts: SplitResult, body: bytes) -> Document | None:
        """The stand-in's answer, or None where moto has one."""
        return self.eks.answer(
            self.command, parts.path, parse_qs(parts.query), json.loads(body or b"{}")
        )

    def bucket_policy(self, bucket: str, body: bytes) -> None:
        """Keeps, shows or forgets the policy of a bucket."""
        if self.command == "PUT":
            self.bucket_policies[bucket] = body
        elif self.command == "DELETE":
            self.bucket_policies.pop(bucket, None)
        elif bucket in self.bucket_policies:
            self.send(200, [("Content-Type", "application/json")], self.bucket_policies[bucket])
            return
        else:
            self.send(
                404,
                [("Content-Type", "application/xml")],
                b"<Error><Code>NoSuchBucketPolicy</Code></Error>",
            )
            return
        self.send(204, [], b"")

    def pass_on(self, body: bytes, *, completed: bool) -> None:
        """Asks moto."""
        connection = http.client.HTTPConnection(*self.moto, timeout=60)
        try:
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in NOT_PASSED_ON
            }
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            received = answer.read()
            if completed and answer.status == 200:
                received = json.dumps(
                    self.eks.completed(json.loads(body or b"{}"), json.loads(received))
                ).encode()
            self.send(answer.status, answer.getheaders(), received)
        finally:
            connection.close()

    def reply(self, status: int, document: Document, headers: dict[str, str]) -> None:
        """Sends JSON."""
        self.send(
            status,
            [("Content-Type", "application/json"), *headers.items()],
            json.dumps(document).encode(),
        )

    def send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Sends an answer; the length of a HEAD's answer is that of the body it does not have."""
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in NOT_PASSED_ON or (
                self.command == "HEAD" and name.lower() == "content-length"
            ):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        """Says nothing: a failing test shows what Terraform said."""


@contextmanager
def mended_moto() -> Iterator[None]:
    """Makes moto do four things that AWS does.

    EKS gives a cluster a security group; a security group's rule that names a group keeps its
    description; the tags of a launch template are not tags of what it launches; and S3 deletes
    delete markers.
    """
    from moto.backends import get_backend
    from moto.ec2.models.security_groups import SecurityGroupRule
    from moto.eks.models import EKSBackend
    from moto.s3.models import FakeDeleteMarker

    network = get_backend("ec2")[ACCOUNT][REGION]
    create, delete = EKSBackend.create_cluster, EKSBackend.delete_cluster
    template = type(network).create_launch_template

    def create_with_group(
        self: Any, name: str, role_arn: str, resources_vpc_config: Document, **rest: Any
    ) -> Any:
        subnet = network.get_subnet(resources_vpc_config["subnetIds"][0])
        group = network.create_security_group(
            f"eks-cluster-sg-{name}", "Control plane", vpc_id=subnet.vpc_id
        )
        vpc = {"vpcId": subnet.vpc_id, "clusterSecurityGroupId": group.id}
        return create(self, name, role_arn, resources_vpc_config | vpc, **rest)

    def delete_with_group(self: Any, name: str) -> Any:
        group = self.clusters[name].resources_vpc_config["clusterSecurityGroupId"]
        deleted = delete(self, name)
        network.delete_security_group(group_id=group)
        return deleted

    def description(self: Any) -> str | None:
        return next(
            (
                part["Description"]
                for part in (self.ip_range, self.source_group)
                if "Description" in part
            ),
            None,
        )

    def template_without_own_tags(
        self: Any, name: str, description: str, data: Document, tags: Document
    ) -> Any:
        specified = [
            one
            for one in data.get("TagSpecifications", [])
            if one["ResourceType"] != "launch-template"
        ]
        return template(self, name, description, data | {"TagSpecifications": specified}, tags)

    with (
        patch.object(type(network), "create_launch_template", template_without_own_tags),
        patch.object(EKSBackend, "create_cluster", create_with_group),
        patch.object(EKSBackend, "delete_cluster", delete_with_group),
        patch.object(SecurityGroupRule, "description", property(description)),
        patch.object(FakeDeleteMarker, "dispose", lambda _: None, create=True),
    ):
        yield


@contextmanager
def simulated_aws() -> Iterator[str]:
    """Runs both servers, and gives the URL of the stand-in.

    AWS's managed policies are there with MOTO_IAM_LOAD_MANAGED_POLICIES=true.
    """
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    state = {"eks": Eks(), "bucket_policies": {}, "moto": moto.get_host_and_port()}
    handler = type("Bound", (Handler,), state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with mended_moto():
            yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        moto.stop()
