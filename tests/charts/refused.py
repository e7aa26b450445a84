"""Values that the charts refuse, and the words in which they do."""

from typing import Any

MYSQL = {
    "app.persistence.provider": "mysql",
    "app.persistence.endpoint": "db:3306",
    "app.persistence.secret.name": "catalog-db-secret",
    "networkPolicy.datastoreCidrs": ["10.0.0.0/16"],
}
POSTGRES = {**MYSQL, "app.persistence.provider": "postgres"}
REDIS = {
    "app.persistence.provider": "redis",
    "app.persistence.secret.name": "checkout-redis-secret",
    "networkPolicy.datastoreCidrs": ["10.0.0.0/16"],
}
RABBITMQ = {
    "app.messaging.provider": "rabbitmq",
    "app.messaging.rabbitmq.service": "broker",
    "app.messaging.rabbitmq.secret.name": "orders-broker-secret",
}
SINGLE = {"storage.enabled": True, "storage.claim": "Single"}
FIXED = {"autoscaling.enabled": False}
OPENAI = {
    "app.chat.enabled": True,
    "app.chat.provider": "openai",
    "app.chat.model": "m",
    "app.chat.openai.baseUrl": "https://api.example.com",
    "app.chat.openai.secret.name": "ui-openai-secret",
}
EMPTY = "minLength: got 0, want 1"

# Chart, values that are accepted, the one that spoils them, and what is said.
CASES: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("catalog", MYSQL, {"app.persistence.endpoint": ""}, ["/app/persistence/endpoint", EMPTY]),
    ("catalog", MYSQL, {"app.persistence.endpoint": "tcp://db:3306"}, ["/endpoint", "pattern"]),
    ("catalog", MYSQL, {"app.persistence.endpoint": "db"}, ["/endpoint", "pattern"]),
    ("catalog", MYSQL, {"app.persistence.secret.name": ""}, ["/secret/name", EMPTY]),
    ("catalog", MYSQL, {"app.persistence.provider": "postgres"}, ["/provider", "'mysql'"]),
    (
        "catalog",
        MYSQL,
        {"networkPolicy.datastoreCidrs": []},
        ["cannot be reached", "datastoreCidrs"],
    ),
    ("catalog", {}, {"app.search.enabled": True}, ["/app/search/endpoint", EMPTY]),
    ("catalog", MYSQL, {"app.persistence.secret.usernameKey": "a'b"}, ["/usernameKey", "pattern"]),
    ("orders", POSTGRES, {"app.persistence.endpoint": ""}, ["/app/persistence/endpoint", EMPTY]),
    ("orders", POSTGRES, {"app.persistence.secret.name": ""}, ["/secret/name", EMPTY]),
    ("orders", POSTGRES, {"app.persistence.database": ""}, ["/database", EMPTY]),
    ("orders", {}, {"app.messaging.provider": "sqs"}, ["/app/messaging/sqs/queue", EMPTY]),
    ("orders", {}, {"app.messaging.provider": "kafka"}, ["/app/messaging/provider", "'sqs'"]),
    ("orders", RABBITMQ, {"app.messaging.rabbitmq.service": ""}, ["/rabbitmq/addresses", EMPTY]),
    ("orders", RABBITMQ, {"app.messaging.rabbitmq.secret.name": ""}, ["/secret/name", EMPTY]),
    (
        "orders",
        RABBITMQ,
        {"app.messaging.rabbitmq.addresses": "amqps://me:secret@mq:5671"},
        ["/rabbitmq/addresses", "pattern"],
    ),
    ("checkout", REDIS, {"app.persistence.secret.name": ""}, ["/secret/name", EMPTY]),
    ("checkout", {}, {"app.endpoints.orders": ""}, ["/app/endpoints/orders", EMPTY]),
    ("checkout", {}, {"app.endpoints.orders": "orders"}, ["/app/endpoints/orders", "pattern"]),
    ("checkout", {}, {"app.endpoints.orders": "http://orders/orders"}, ["/orders", "pattern"]),
    (
        "cart",
        # What Terraform says where there is no table.
        {"app.persistence.tableName": ""},
        {"app.persistence.provider": "dynamodb"},
        ["/app/persistence/tableName", "minLength: got 0, want 3"],
    ),
    ("cart", {}, {"app.persistence.endpoint": "http://db"}, ["/app/persistence", "'endpoint'"]),
    ("cart", {}, {"app.persistence.createTable": True}, ["/app/persistence", "'createTable'"]),
    ("cart", {}, {"app.persistence.dynamodb": {}}, ["/app/persistence", "'dynamodb'"]),
    (
        "cart",
        {},
        {"environment.RETAIL_CART_PERSISTENCE_DYNAMODB_ENDPOINT": "http://db"},
        ["/environment/RETAIL_CART", "false schema"],
    ),
    ("cart", {}, {"environment.AWS_ACCESS_KEY_ID": "x"}, ["/environment/AWS_ACCESS_KEY_ID"]),
    ("cart", {}, {"environment.DB_PASSWORD": "x"}, ["/environment/DB_PASSWORD"]),
    ("cart", {}, {"environment.LEVEL": 1}, ["/environment/LEVEL", "want string"]),
    ("ui", {}, {"app.theme": "pink"}, ["/app/theme", "'teal'"]),
    ("ui", {}, {"app.endpoints.catalog": "false"}, ["/app/endpoints/catalog", "pattern"]),
    ("ui", {}, {"app.endpoints.cart": "http://carts"}, ["/app/endpoints", "'cart'"]),
    ("ui", OPENAI, {"app.chat.openai.secret.name": ""}, ["/secret/name", EMPTY]),
    ("ui", OPENAI, {"app.chat.openai.apiKey": "x"}, ["/app/chat/openai", "'apiKey'"]),
    ("ui", OPENAI, {"app.chat.provider": "bedrock"}, ["/app/chat/bedrock/region", EMPTY]),
    ("ui", {}, {"ingress.enabled": True}, ["/ingress/host", EMPTY]),
    ("broker", {}, {"replicaCount": 2}, ["/replicaCount", "maximum"]),
    ("broker", {}, {"storage.enabled": False}, ["/storage/enabled", "true"]),
    ("broker", {}, {"storage.claim": "Single"}, ["/storage/claim", "PerReplica"]),
    ("broker", {}, {"metrics.enabled": True}, ["/metrics/enabled", "false"]),
    ("broker", {}, {"ingress.enabled": True}, ["/ingress/enabled", "false"]),
    ("broker", {}, {"app.secret.name": ""}, ["/app/secret/name", EMPTY]),
]
# What every service refuses.
SHARED: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {"replicas": 3}, ["additional properties 'replicas' not allowed"]),
    ({}, {"image.name": "x"}, ["/image", "'name' not allowed"]),
    ({}, {"image.tag": 1.2}, ["/image/tag", "want string"]),
    ({}, {"image.tag": ""}, ["/image"]),
    ({}, {"image.digest": "sha256:12"}, ["/image/digest", "pattern"]),
    ({}, {"runAsUser": 0}, ["/runAsUser", "minimum"]),
    ({}, {"nameOverride": "a.b"}, ["/nameOverride", "pattern"]),
    ({}, {"fullnameOverride": "1st"}, ["/fullnameOverride", "pattern"]),
    ({}, {"storage.name": "tmp"}, ["/storage/name", "'not' failed"]),
    ({}, {"storage.name": "a.b"}, ["/storage/name", "pattern"]),
    ({}, {"storage.mountPath": "/tmp"}, ["/storage/mountPath", "'not' failed"]),
    ({}, {"storage.mountPath": "/"}, ["/storage/mountPath", "pattern"]),
    (
        {"resources.requests.memory": 536870912, "resources.requests.cpu": 0.5},
        {"resources.requests.memory": "513Mi"},
        ["requests.memory (513Mi) is greater than resources.limits.memory (512Mi)"],
    ),
    (
        {"resources.requests": {"cpu": "500m"}},
        {"resources.requests": {"cpu": 1}},
        ["requests.cpu (1) is greater than resources.limits.cpu (500m)"],
    ),
    ({}, {"resources.requests.cpu": "lots"}, ["/resources/requests/cpu"]),
    ({}, {"podDisruptionBudget.minAvailable": 1}, ["/podDisruptionBudget", "oneOf"]),
    ({}, {"podDisruptionBudget.maxUnavailable": ""}, ["/podDisruptionBudget", "oneOf"]),
    ({}, {"podDisruptionBudget.maxUnavailable": 0}, ["would block every eviction"]),
    ({}, {"podDisruptionBudget.maxUnavailable": "0%"}, ["would block every eviction"]),
    ({}, {"autoscaling.minReplicas": 90}, ["minReplicas (90) is greater"]),
    ({}, {"preStopSeconds": 60}, ["terminationGracePeriodSeconds (60) must be greater"]),
    ({}, {"networkPolicy.loadBalancerCidrs": ["everywhere"]}, ["/loadBalancerCidrs", "pattern"]),
    ({}, {"openTelemetry.endpoint": "http://c:4318"}, ["name its namespace"]),
    (
        {},
        {"commonLabels": {"app.kubernetes.io/name": "x"}},
        ["/commonLabels/app.kubernetes.io~1name"],
    ),
    ({**SINGLE, **FIXED, "replicaCount": 1}, {"replicaCount": 2}, ["/replicaCount", "maximum"]),
    (
        {**SINGLE, **FIXED, "replicaCount": 1},
        {"autoscaling.enabled": True},
        ["/autoscaling/enabled"],
    ),
]
UMBRELLA = [
    ({"ingress.host": ""}, ["/ingress/host", EMPTY]),
    ({"ingress.certificateArn": ""}, ["/ingress/certificateArn", EMPTY]),
    ({"ingress.loadBalancerCidrs": []}, ["/ingress/loadBalancerCidrs", "minItems"]),
    ({"ingress.securityGroups": ["default"]}, ["/ingress/securityGroups/0", "pattern"]),
    ({"ingress.sslPolicy": "ELBSecurityPolicy-2016-08"}, ["/ingress/sslPolicy", "pattern"]),
    ({"ingress.api.admin": True}, ["/ingress/api", "'admin' not allowed"]),
    ({"checkout.retail": {}}, ["checkout", "'retail' not allowed"]),
    ({"checkout.app.endpoints.orders": ""}, ["/app/endpoints/orders", EMPTY]),
    ({"cat": {}}, ["'cat' not allowed"]),
    ({"global.aws.region": "Frankfurt"}, ["/global/aws/region", "pattern"]),
    ({"cart.enabled": False}, ["the ingress leads to cart, which is off"]),
    ({"ui.app.search.enabled": True}, ["must agree"]),
    (
        {"orders.fullnameOverride": "orders-2"},
        ["ui calls orders by its old name", "ui.app.endpoints.orders to http://orders-2"],
    ),
    ({"cart.fullnameOverride": ""}, ["ui.app.endpoints.carts to http://shop-cart"]),
    ({"orders.nameOverride": "sales"}, ["ui.networkPolicy.to opens orders, which is sales"]),
    ({"ui.nameOverride": "web"}, ["catalog.networkPolicy.from admits ui, which is web"]),
    (
        {
            "orders.app.messaging.provider": "rabbitmq",
            "orders.app.messaging.rabbitmq.secret.name": "s",
        },
        ["set broker.enabled to true"],
    ),
]
